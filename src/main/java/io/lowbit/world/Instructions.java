// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.world.World.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Instructions that must be followed, and whose answers a rule can check (after IFEval, Zhou et al.
 * 2023). The words of an instruction are its key: what is asked for in the test was asked for in
 * training only in other combinations.
 */
final class Instructions implements Genre {
  private static final Map<String, List<String>> KINDS =
      new TreeMap<>(
          Map.of(
              "animals", Words.ANIMALS,
              "towns", Words.PLACES,
              "colours", Words.COLOURS,
              "meals", Words.FOODS,
              "things", Words.THINGS,
              "women", Words.WOMEN,
              "men", Words.MEN,
              "materials", Words.MATERIALS));
  private static final int MOST = 6;

  /**
   * What is asked, one answer that obeys, and the rules that any answer must obey.
   *
   * @param rules as the metric {@code prompt_level_strict_acc} of a task reads them
   */
  private record Instruction(String request, String answer, JsonArray rules) {
    String key() {
      return "instruction " + request;
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    List<String> turns = new ArrayList<>();
    int count = draw.between(1, 4);
    for (int i = 0; i < count; i++) {
      Instruction one = instruction(draw, side);
      turns.add("User: " + one.request() + "\nAssistant: " + one.answer());
    }
    return String.join("\n", turns);
  }

  private static Instruction instruction(Draw draw, Side side) {
    return side.draw(() -> instruction(draw), Instruction::key);
  }

  private static Instruction instruction(Draw draw) {
    return switch (draw.below(9)) {
      case 0 -> nameSome(draw);
      case 1 -> nameOfTwoKinds(draw);
      case 2 -> nameOther(draw);
      case 3 -> nameAmongOthers(draw);
      case 4 -> repeat(draw);
      case 5 -> echo(draw);
      case 6 -> reverse(draw);
      case 7 -> count(draw);
      default -> wrapped(draw);
    };
  }

  private static List<String> kinds(Draw draw, int count) {
    return draw.from(List.copyOf(KINDS.keySet()), count);
  }

  private static String number(int count) {
    return Words.NUMBER_WORDS.get(count);
  }

  private static Instruction nameSome(Draw draw) {
    String kind = kinds(draw, 1).getFirst();
    int count = draw.between(2, MOST);
    List<String> words = KINDS.get(kind);
    return new Instruction(
        "Name %s different %s.".formatted(number(count), kind),
        String.join(", ", draw.from(words, count)) + ".",
        rules(rule("words_from", words), rule("word_count", count), rule("distinct")));
  }

  private static Instruction nameOfTwoKinds(Draw draw) {
    List<String> kinds = kinds(draw, 2);
    int first = draw.between(1, 3);
    int second = draw.between(1, 3);
    List<String> words = new ArrayList<>(draw.from(KINDS.get(kinds.get(0)), first));
    words.addAll(draw.from(KINDS.get(kinds.get(1)), second));
    return new Instruction(
        "Of %s name %s, of %s name %s."
            .formatted(kinds.get(0), number(first), kinds.get(1), number(second)),
        String.join(", ", words) + ".",
        rules(
            countFrom(KINDS.get(kinds.get(0)), first),
            countFrom(KINDS.get(kinds.get(1)), second),
            rule("word_count", first + second),
            rule("distinct")));
  }

  private static Instruction nameOther(Draw draw) {
    String kind = kinds(draw, 1).getFirst();
    List<String> words = draw.from(KINDS.get(kind), 4);
    return new Instruction(
        "Name two %s but not %s or %s.".formatted(kind, words.get(0), words.get(1)),
        "%s, %s.".formatted(words.get(2), words.get(3)),
        rules(
            rule("words_from", KINDS.get(kind)),
            rule("word_count", 2),
            rule("distinct"),
            rule("excludes", words.subList(0, 2))));
  }

  private static Instruction nameAmongOthers(Draw draw) {
    String kind = kinds(draw, 1).getFirst();
    List<String> words = draw.from(KINDS.get(kind), 4);
    return new Instruction(
        "Name four %s, among them %s and %s.".formatted(kind, words.get(0), words.get(1)),
        String.join(", ", draw.shuffled(words)) + ".",
        rules(
            rule("words_from", KINDS.get(kind)),
            rule("word_count", 4),
            rule("distinct"),
            rule("contains", words.subList(0, 2))));
  }

  private static Instruction repeat(Draw draw) {
    List<String> words = draw.from(anyWords(draw), 2);
    int count = draw.between(2, 4);
    String once = String.join(" ", words);
    String answer = String.join(" ", Collections.nCopies(count, once)) + ".";
    return new Instruction(
        "Say %s and %s %s times.".formatted(words.get(0), words.get(1), number(count)),
        answer,
        rules(rule("equals", List.of(answer))));
  }

  private static Instruction echo(Draw draw) {
    String answer = String.join(" ", draw.from(anyWords(draw), draw.between(3, 8))) + ".";
    return new Instruction(
        "Say again: %s".formatted(answer), answer, rules(rule("equals", List.of(answer))));
  }

  private static Instruction reverse(Draw draw) {
    List<String> words = draw.from(anyWords(draw), draw.between(2, 4));
    String answer = String.join(" ", words.reversed()) + ".";
    return new Instruction(
        "Say in reverse order: %s.".formatted(String.join(" ", words)),
        answer,
        rules(rule("equals", List.of(answer))));
  }

  private static Instruction count(Draw draw) {
    int first = draw.between(1, 60);
    int last = first + draw.between(2, 8);
    boolean up = draw.chance(60);
    List<String> numbers = IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    String answer = String.join(" ", up ? numbers : numbers.reversed()) + ".";
    return new Instruction(
        "Count from %d to %d.".formatted(up ? first : last, up ? last : first),
        answer,
        rules(rule("equals", List.of(answer))));
  }

  /** A question about a fact, with a word that the answer must begin or end with. */
  private static Instruction wrapped(Draw draw) {
    Fact fact = draw.from(World.FACTS);
    String question =
        fact.tell(
            draw.from(
                Side.TRAINING.forms("questions on " + fact.name(), fact.relation().questions())));
    String word = draw.from(Words.COLOURS);
    boolean begins = draw.chance(50);
    return new Instruction(
        "%s %s with the word %s.".formatted(question, begins ? "Begin" : "End", word),
        begins ? "%s %s.".formatted(word, fact.value()) : "%s %s.".formatted(fact.value(), word),
        rules(
            rule(begins ? "begins_with" : "ends_with", List.of(word)),
            rule("contains", List.of(fact.value()))));
  }

  private static List<String> anyWords(Draw draw) {
    return draw.from(List.of(Words.ANIMALS, Words.THINGS, Words.COLOURS, Words.FOODS));
  }

  private static JsonArray rules(JsonObject... rules) {
    JsonArray array = new JsonArray();
    List.of(rules).forEach(array::add);
    return array;
  }

  private static JsonObject rule(String name) {
    JsonObject rule = new JsonObject();
    rule.addProperty("rule", name);
    return rule;
  }

  private static JsonObject rule(String name, List<String> words) {
    JsonObject rule = rule(name);
    rule.add("words", Rows.array(words));
    return rule;
  }

  private static JsonObject countFrom(List<String> words, int count) {
    JsonObject rule = rule("count_from", words);
    rule.addProperty("count", count);
    return rule;
  }

  private static JsonObject rule(String name, int count) {
    JsonObject rule = rule(name);
    rule.addProperty("count", count);
    return rule;
  }

  /** An instruction with the rules that its answer must obey. */
  static JsonObject item(Draw draw) {
    Instruction one = instruction(draw, Side.HELD_OUT);
    JsonObject row = new JsonObject();
    row.addProperty("request", one.request());
    row.add("rules", one.rules());
    return row;
  }
}
