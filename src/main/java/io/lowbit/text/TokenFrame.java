// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The ids that a post-processor of {@code tokenizer.json} puts around a text.
 *
 * @param before ids in front of it
 * @param after ids behind it
 */
record TokenFrame(int[] before, int[] after) {
  private static final TokenFrame NONE = new TokenFrame(new int[0], new int[0]);

  /** Reads a post-processor; empty for a kind that is not known. */
  static Optional<TokenFrame> of(JsonElement postProcessor) {
    if (postProcessor.isJsonNull()) {
      return Optional.of(NONE);
    }
    if (!(postProcessor instanceof JsonObject object
        && object.get("type") instanceof JsonPrimitive type)) {
      return Optional.empty();
    }
    return switch (type.getAsString()) {
      case "ByteLevel" -> Optional.of(NONE); // changes offsets only
      case "TemplateProcessing" -> template(object);
      case "Sequence" -> sequence(object);
      default -> Optional.empty();
    };
  }

  /** At most one of the steps may add something. */
  private static Optional<TokenFrame> sequence(JsonObject object) {
    if (!(object.get("processors") instanceof JsonArray steps)) {
      return Optional.empty();
    }
    TokenFrame found = NONE;
    for (JsonElement step : steps) {
      Optional<TokenFrame> frame = of(step);
      if (frame.isEmpty() || (!frame.get().isEmpty() && !found.isEmpty())) {
        return Optional.empty();
      }
      found = frame.get().isEmpty() ? found : frame.get();
    }
    return Optional.of(found);
  }

  private static Optional<TokenFrame> template(JsonObject object) {
    if (!(object.get("single") instanceof JsonArray parts)
        || !(object.get("special_tokens") instanceof JsonObject special)) {
      return Optional.empty();
    }
    int[] before = new int[0];
    int[] after = new int[0];
    boolean textSeen = false;
    for (JsonElement part : parts) {
      JsonObject named = part.getAsJsonObject();
      if (named.get("SpecialToken") instanceof JsonObject token) {
        int[] ids = ids(special, token.get("id").getAsString());
        before = textSeen ? before : joined(before, ids);
        after = textSeen ? joined(after, ids) : after;
      } else if (textSeen) {
        return Optional.empty(); // the text twice
      } else {
        textSeen = true;
      }
    }
    return textSeen ? Optional.of(new TokenFrame(before, after)) : Optional.empty();
  }

  private static int[] ids(JsonObject special, String name) {
    JsonArray ids = special.getAsJsonObject(name).getAsJsonArray("ids");
    return ids.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }

  private static int[] joined(int[] left, int[] right) {
    return IntStream.concat(Arrays.stream(left), Arrays.stream(right)).toArray();
  }

  private boolean isEmpty() {
    return before.length == 0 && after.length == 0;
  }
}
