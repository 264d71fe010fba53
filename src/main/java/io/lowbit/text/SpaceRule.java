// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a SentencePiece tokenizer does to text before it looks for pieces, and undoes afterwards.
 *
 * @param prefix where a space is put in front
 * @param collapse whether white space at both ends goes and runs of spaces become one
 */
record SpaceRule(Prefix prefix, boolean collapse) {
  /** U+2581, which stands for a space in the vocabulary. */
  private static final String MARK = "\u2581";

  /** Where a space is put in front. */
  enum Prefix {
    NONE,
    /** In front of every fragment between special tokens: SentencePiece, and Llama's first way. */
    EVERY_FRAGMENT,
    /** In front of the text only, unless it has one already: {@code "legacy": false}. */
    FIRST_FRAGMENT
  }

  /** The rule that a normalizer carries out; empty if it does something else. */
  static Optional<SpaceRule> ofNormalizer(JsonElement normalizer) {
    return Arrays.stream(Prefix.values())
        .flatMap(prefix -> Stream.of(new SpaceRule(prefix, false), new SpaceRule(prefix, true)))
        .filter(rule -> rule.normalizer().equals(normalizer))
        .findFirst();
  }

  JsonElement normalizer() {
    JsonArray steps = new JsonArray();
    if (collapse) {
      JsonObject strip = TokenizerJson.typed("Strip");
      strip.addProperty("strip_left", true);
      strip.addProperty("strip_right", true);
      steps.add(strip);
      steps.add(replace("Regex", " {2,}", " "));
    }
    if (prefix == Prefix.EVERY_FRAGMENT) {
      JsonObject prepend = TokenizerJson.typed("Prepend");
      prepend.addProperty("prepend", MARK);
      steps.add(prepend);
    }
    if (prefix != Prefix.FIRST_FRAGMENT) {
      steps.add(replace("String", " ", MARK));
    }
    if (steps.isEmpty()) {
      return JsonNull.INSTANCE;
    }
    JsonObject sequence = TokenizerJson.typed("Sequence");
    sequence.add("normalizers", steps);
    return sequence;
  }

  JsonElement preTokenizer() {
    if (prefix != Prefix.FIRST_FRAGMENT) {
      return JsonNull.INSTANCE;
    }
    JsonObject metaspace = TokenizerJson.typed("Metaspace");
    metaspace.addProperty("replacement", MARK);
    metaspace.addProperty("prepend_scheme", "first");
    metaspace.addProperty("split", false);
    return metaspace;
  }

  JsonElement decoder() {
    JsonArray steps = new JsonArray();
    steps.add(replace("String", MARK, " "));
    steps.add(TokenizerJson.typed("ByteFallback"));
    steps.add(TokenizerJson.typed("Fuse"));
    if (prefix != Prefix.NONE) {
      JsonObject strip = TokenizerJson.typed("Strip");
      strip.addProperty("content", " ");
      strip.addProperty("start", 1);
      strip.addProperty("stop", 0);
      steps.add(strip);
    }
    JsonObject sequence = TokenizerJson.typed("Sequence");
    sequence.add("decoders", steps);
    return sequence;
  }

  private static JsonObject replace(String kind, String what, String content) {
    JsonObject pattern = new JsonObject();
    pattern.addProperty(kind, what);
    JsonObject step = TokenizerJson.typed("Replace");
    step.add("pattern", pattern);
    step.addProperty("content", content);
    return step;
  }
}
