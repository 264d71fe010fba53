// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;

/**
 * What a {@code tokenizer.json} must not hold, because the tokenizer library would not refuse it
 * but end the process. Found by feeding it mutations of real files.
 */
final class LibraryLimits {
  private LibraryLimits() {}

  /**
   * Checks a normalizer, pre-tokenizer, post-processor or decoder.
   *
   * @throws IllegalArgumentException if the library would not survive it
   */
  static void check(JsonElement part) {
    switch (part) {
      case JsonArray list -> list.forEach(LibraryLimits::check);
      case JsonObject object -> {
        checkObject(object);
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
          check(entry.getValue());
        }
      }
      case JsonPrimitive value when value.isNumber() && Double.isInfinite(value.getAsDouble()) ->
          throw new IllegalArgumentException("the number " + value + " is out of range");
      default -> {}
    }
  }

  private static void checkObject(JsonObject object) {
    // Its rules are a compiled table that the library trusts. T5-like vocabularies have it.
    if (object.has("precompiled_charsmap")
        || (object.get("type") instanceof JsonPrimitive type
            && type.getAsString().equals("Precompiled"))) {
      throw new IllegalArgumentException("a normalizer of the type 'Precompiled' is not supported");
    }
    for (String template : List.of("single", "pair")) {
      if (object.get(template) instanceof JsonArray parts) {
        parts.forEach(part -> checkTemplate(part, object.get("special_tokens")));
      }
    }
  }

  private static void checkTemplate(JsonElement part, JsonElement listed) {
    if (part instanceof JsonObject object
        && object.get("SpecialToken") instanceof JsonObject token
        && token.get("id") instanceof JsonPrimitive id
        && !(listed instanceof JsonObject names && names.has(id.getAsString()))) {
      throw new IllegalArgumentException(
          "post_processor: the template names the token '"
              + id.getAsString()
              + "', which special_tokens does not list");
    }
  }
}
