// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is low-bit in a scheme, read from the canonical JSON that a record holds.
 *
 * @param weights weights of the linear layers; {@code stored} if they run as they lie in the file
 * @param activations inputs of the linear layers
 * @param cache keys and values
 */
public record SchemeParts(Part weights, Part activations, Part cache) {

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Part STORED = new Part("stored", OptionalInt.empty());

  /**
   * One part.
   *
   * @param definition its JSON, every knob explicit; empty if the part is not low-bit
   * @param bits bits of a code; empty if there is no one number of them
   */
  public record Part(String definition, OptionalInt bits) {
    /** Whether the part is low-bit. */
    public boolean isLowBit() {
      return !definition.isEmpty();
    }
  }

  /** Reads a record's scheme; empty if the text is no scheme's JSON. */
  public static Optional<SchemeParts> of(String schemeJson) {
    try {
      JsonObject scheme = JsonParser.parseString(schemeJson).getAsJsonObject();
      if (!scheme.has("weights") || !scheme.has("activations") || !scheme.has("cache")) {
        return Optional.empty();
      }
      JsonElement stored = scheme.get("stored");
      boolean isStored = stored != null && stored.getAsBoolean();
      Part weights = part(scheme.get("weights"));
      return Optional.of(
          new SchemeParts(
              isStored && !weights.isLowBit() ? STORED : weights,
              part(scheme.get("activations")),
              part(scheme.get("cache"))));
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * A record's scheme without the type of what is not low-bit: what two arithmetics of one scheme
   * share. Other text than a scheme's JSON stays as it is.
   */
  public static String withoutBase(String schemeJson) {
    try {
      JsonObject scheme = JsonParser.parseString(schemeJson).getAsJsonObject();
      if (scheme.has("weights")) {
        scheme.remove("base");
        return scheme.toString();
      }
      return schemeJson;
    } catch (JsonParseException | IllegalStateException e) {
      return schemeJson;
    }
  }

  private static Part part(JsonElement json) {
    if (json.isJsonNull()) {
      return new Part("", OptionalInt.empty());
    }
    JsonObject part = json.getAsJsonObject();
    return new Part(part.toString(), bits(part));
  }

  private static OptionalInt bits(JsonObject part) {
    if (part.has("bits")) {
      return OptionalInt.of(part.get("bits").getAsInt());
    }
    if (part.has("keyBits") && part.has("valueBits")) {
      int keys = part.get("keyBits").getAsInt();
      return keys == part.get("valueBits").getAsInt() ? OptionalInt.of(keys) : OptionalInt.empty();
    }
    // A named format says its bits in its name: nf4, q4_0, mxfp4, iq2_xxs.
    Matcher number = NUMBER.matcher(part.has("format") ? part.get("format").getAsString() : "");
    return number.find() ? OptionalInt.of(Integer.parseInt(number.group())) : OptionalInt.empty();
  }
}
