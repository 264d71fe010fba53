// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A scheme's definition as a paper would tell it. */
final class SchemeWords {
  private SchemeWords() {}

  /** From a record's canonical JSON; other text stands as it is. */
  static String of(String schemeJson) {
    try {
      JsonObject scheme = JsonParser.parseString(schemeJson).getAsJsonObject();
      if (!scheme.has("weights")) {
        return schemeJson;
      }
      List<String> parts = new ArrayList<>();
      if (scheme.has("stored") && scheme.get("stored").getAsBoolean()) {
        parts.add("weights as stored in the checkpoint");
      }
      object(scheme, "weights").ifPresent(weights -> parts.add(weights(weights)));
      object(scheme, "activations").ifPresent(inputs -> parts.add(activations(inputs)));
      object(scheme, "cache").ifPresent(cache -> parts.add(cache(cache)));
      return parts.isEmpty() ? "nothing quantized" : String.join("; ", parts);
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      return schemeJson;
    }
  }

  private static Optional<JsonObject> object(JsonObject scheme, String name) {
    JsonElement part = scheme.get(name);
    return part == null || part.isJsonNull()
        ? Optional.empty()
        : Optional.of(part.getAsJsonObject());
  }

  private static String text(JsonObject part, String name) {
    JsonElement value = part.get(name);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  private static String weights(JsonObject part) {
    List<String> words = new ArrayList<>();
    words.add(
        text(part, "bits").isEmpty()
            ? "weights in " + text(part, "format")
            : "weights in %s bits (%s)".formatted(text(part, "bits"), text(part, "format")));
    add(words, text(part, "symmetry"), "%s");
    words.addAll(grid(part, "one grid per output channel"));
    words.add(methods(part));
    return String.join(", ", words);
  }

  private static String methods(JsonObject part) {
    List<String> names = new ArrayList<>();
    if (part.has("methods")) {
      part.getAsJsonArray("methods")
          .forEach(method ->
              names.add(method.isJsonPrimitive() ? method.getAsString() : method.toString()));
    }
    return names.isEmpty() ? "rounded to nearest" : "by " + String.join(" and ", names);
  }

  private static String activations(JsonObject part) {
    return "inputs of the linear layers in %s bits, %s, %s (%s arithmetic)"
        .formatted(
            text(part, "bits"),
            text(part, "symmetric").equals("true") ? "symmetric" : "asymmetric",
            text(part, "calibrated").equals("true")
                ? "with calibrated scales"
                : "with a scale per token",
            text(part, "arithmetic"));
  }

  private static String cache(JsonObject part) {
    List<String> words = new ArrayList<>();
    words.add(
        text(part, "keyBits").isEmpty()
            ? "keys and values in " + text(part, "format")
            : text(part, "keyBits").equals(text(part, "valueBits"))
                ? "keys and values in %s bits".formatted(text(part, "keyBits"))
                : "keys in %s and values in %s bits"
                    .formatted(text(part, "keyBits"), text(part, "valueBits")));
    words.addAll(grid(part, "one grid per token and head"));
    if (text(part, "keysPerChannel").equals("true")) {
      words.add("keys per channel");
    }
    String window = text(part, "window");
    if (!window.isEmpty() && !window.equals("0")) {
      words.add("the last %s tokens kept in the base type".formatted(window));
    }
    return String.join(", ", words);
  }

  private static List<String> grid(JsonObject part, String without) {
    List<String> words = new ArrayList<>();
    String group = text(part, "groupSize");
    if (!group.isEmpty()) {
      words.add(group.equals("0") ? without : "groups of " + group);
    }
    add(words, text(part, "scaleType"), "scales in %s");
    add(words, text(part, "arithmetic"), "%s arithmetic");
    return words;
  }

  private static void add(List<String> words, String value, String format) {
    if (!value.isEmpty()) {
      words.add(format.formatted(value));
    }
  }
}
