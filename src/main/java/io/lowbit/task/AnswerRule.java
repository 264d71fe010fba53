// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import io.lowbit.text.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A demand on an answer that can be checked without judging it, as the verifiable instructions of
 * IFEval are (Zhou et al. 2023). A word is a run of letters and digits; blanks around the answer do
 * not count.
 *
 * @param kind what is demanded
 * @param words what it is demanded of; empty for kinds that take none
 * @param count for kinds that count; otherwise 0
 */
record AnswerRule(Kind kind, List<String> words, int count) {
  private static final Gson JSON = new GsonBuilder().setStrictness(Strictness.STRICT).create();

  /** Kinds of demands; a file names them in lower case. */
  enum Kind {
    /** Every word of the answer is one of {@code words}. */
    WORDS_FROM,
    /** The answer has {@code count} words. */
    WORD_COUNT,
    /** Exactly {@code count} words of the answer are among {@code words}. */
    COUNT_FROM,
    /** No word of the answer occurs twice. */
    DISTINCT,
    /** Each of {@code words} is a word of the answer. */
    CONTAINS,
    /** None of {@code words} is a word of the answer. */
    EXCLUDES,
    /** The first word of the answer is the first of {@code words}. */
    BEGINS_WITH,
    /** The last word of the answer is the first of {@code words}. */
    ENDS_WITH,
    /** The answer is the first of {@code words}, character by character. */
    EQUALS;

    private boolean takesWords() {
      return this != WORD_COUNT && this != DISTINCT;
    }

    private boolean takesCount() {
      return this == WORD_COUNT || this == COUNT_FROM;
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Reads rules: a JSON list of objects with {@code rule} and, as the kind asks for, {@code words}
   * or {@code count}.
   *
   * @throws IllegalArgumentException if it is none, naming what is wrong
   */
  static List<AnswerRule> parse(String json) {
    JsonElement list;
    try {
      list = JSON.fromJson(json, JsonElement.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("the rules are no JSON: " + e.getMessage(), e);
    }
    if (!(list instanceof JsonArray array) || array.isEmpty()) {
      throw new IllegalArgumentException("the rules must be a JSON list with at least one rule");
    }
    List<AnswerRule> rules = new ArrayList<>();
    for (JsonElement element : array) {
      if (!(element instanceof JsonObject object)) {
        throw new IllegalArgumentException("a rule must be a JSON object, not " + element);
      }
      rules.add(of(object));
    }
    return rules;
  }

  private static AnswerRule of(JsonObject object) {
    JsonElement name = object.get("rule");
    if (name == null || !name.isJsonPrimitive()) {
      throw new IllegalArgumentException("a rule needs its name under 'rule'");
    }
    List<String> known = Stream.of(Kind.values()).map(Kind::text).toList();
    if (!known.contains(name.getAsString())) {
      throw new IllegalArgumentException(
          "the rule '"
              + name.getAsString()
              + "' is unknown"
              + NearestName.hint(name.getAsString(), known));
    }
    Kind kind = Kind.valueOf(name.getAsString().toUpperCase(Locale.ROOT));
    return new AnswerRule(
        kind,
        kind.takesWords() ? words(object, kind) : List.of(),
        kind.takesCount() ? count(object, kind) : 0);
  }

  private static List<String> words(JsonObject object, Kind kind) {
    if (object.get("words") instanceof JsonArray array
        && !array.isEmpty()
        && array.asList().stream().allMatch(JsonElement::isJsonPrimitive)) {
      return array.asList().stream().map(JsonElement::getAsString).toList();
    }
    throw new IllegalArgumentException(
        "the rule '" + kind.text() + "' needs a list of texts under 'words'");
  }

  private static int count(JsonObject object, Kind kind) {
    JsonElement count = object.get("count");
    if (count == null || !count.toString().matches("[0-9]{1,6}")) {
      throw new IllegalArgumentException(
          "the rule '" + kind.text() + "' needs a whole number under 'count', not " + count);
    }
    return count.getAsInt();
  }

  /** Whether an answer obeys. */
  boolean isObeyedBy(String answer) {
    String text = answer.strip();
    List<String> answered =
        Arrays.stream(text.split("[^\\p{L}\\p{N}]+")).filter(word -> !word.isEmpty()).toList();
    return switch (kind) {
      case WORDS_FROM -> !answered.isEmpty() && words.containsAll(answered);
      case WORD_COUNT -> answered.size() == count;
      case COUNT_FROM -> answered.stream().filter(words::contains).count() == count;
      case DISTINCT -> new HashSet<>(answered).size() == answered.size();
      case CONTAINS -> answered.containsAll(words);
      case EXCLUDES -> words.stream().noneMatch(answered::contains);
      case BEGINS_WITH -> !answered.isEmpty() && answered.getFirst().equals(words.getFirst());
      case ENDS_WITH -> !answered.isEmpty() && answered.getLast().equals(words.getFirst());
      case EQUALS -> text.equals(words.getFirst());
    };
  }
}
