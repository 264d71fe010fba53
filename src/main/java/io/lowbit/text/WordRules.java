// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is known of the pre-tokenizers of {@code tokenizer.json}, for {@link CutRules}. */
final class WordRules {
  private WordRules() {}

  /**
   * A pre-tokenizer of the SentencePiece kind.
   *
   * @param splits whether every U+2581 begins a word; else the whole text is one
   * @param prefixes whether one is put in front of a text that has none
   */
  record Metaspace(boolean splits, boolean prefixes) {}

  /** Reads a missing pre-tokenizer or a Metaspace one; empty for others. */
  static Optional<Metaspace> metaspace(JsonElement preTokenizer) {
    if (preTokenizer.isJsonNull()) {
      return Optional.of(new Metaspace(false, false));
    }
    if (!text(preTokenizer, "type").equals("Metaspace")
        || !text(preTokenizer, "replacement").equals("\u2581")) {
      return Optional.empty();
    }
    return Optional.of(
        new Metaspace(
            flag(preTokenizer, "split", true),
            !text(preTokenizer, "prepend_scheme").equals("never")));
  }

  /**
   * Whether it is made of expressions that {@link PreTokenizer} knows, one of which ends every word
   * before white space.
   */
  static boolean cutsByteLevelWords(JsonElement preTokenizer) {
    List<JsonElement> steps = steps(preTokenizer);
    boolean covers = false;
    for (int i = 0; i < steps.size(); i++) {
      JsonElement step = steps.get(i);
      switch (text(step, "type")) {
        case "Digits" -> {}
        case "Split" -> {
          if (!isKnownSplit(step)) {
            return false;
          }
          covers |= PreTokenizer.covers(regex(step));
        }
        case "ByteLevel" -> {
          if (i < steps.size() - 1) {
            return false; // what follows it would see other characters
          }
          covers |= flag(step, "use_regex", true);
        }
        default -> {
          return false;
        }
      }
    }
    return covers;
  }

  /** Whether a space is put in front of words that have none. */
  static boolean addsSpace(JsonElement preTokenizer) {
    return steps(preTokenizer).stream().anyMatch(step -> flag(step, "add_prefix_space", false));
  }

  private static boolean isKnownSplit(JsonElement step) {
    return text(step, "behavior").equals("Isolated")
        && !flag(step, "invert", false)
        && PreTokenizer.isKnown(regex(step));
  }

  private static String regex(JsonElement split) {
    return split.getAsJsonObject().get("pattern") instanceof JsonObject p ? text(p, "Regex") : "";
  }

  /** The steps one after the other, a sequence opened. */
  private static List<JsonElement> steps(JsonElement preTokenizer) {
    if (!text(preTokenizer, "type").equals("Sequence")
        || !(preTokenizer.getAsJsonObject().get("pretokenizers") instanceof JsonArray list)) {
      return List.of(preTokenizer);
    }
    List<JsonElement> steps = new ArrayList<>();
    list.forEach(step -> steps.addAll(steps(step)));
    return steps;
  }

  private static String text(JsonElement element, String name) {
    return element instanceof JsonObject object
            && object.get(name) instanceof JsonPrimitive value
            && value.isString()
        ? value.getAsString()
        : "";
  }

  private static boolean flag(JsonElement element, String name, boolean absent) {
    JsonElement value = element instanceof JsonObject object ? object.get(name) : JsonNull.INSTANCE;
    return (value instanceof JsonPrimitive p && p.isBoolean()) ? p.getAsBoolean() : absent;
  }
}
