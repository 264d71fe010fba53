// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonObject;
import io.lowbit.world.Relation.Subject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Lists of word pairs that follow a rule which is never named: opposites, the next number, the home
 * of a person. To go on with the list one has to see the rule. Held out are runs of five pairs.
 */
final class Mappings implements Genre {
  private static final int SHOTS = 4;

  /** Words of one kind and the rules that apply to them, by name. */
  private record Domain(List<String> words, SortedMap<String, UnaryOperator<String>> rules) {
    Domain(List<String> words, Map<String, UnaryOperator<String>> rules) {
      this(words, new TreeMap<>(rules));
    }
  }

  private static final List<Domain> DOMAINS =
      List.of(
          new Domain(World.PEOPLE, facts(Subject.PERSON, Relation.FRIEND)),
          new Domain(Words.THINGS, facts(Subject.THING, Relation.OWNER)),
          new Domain(
              IntStream.rangeClosed(2, 12).mapToObj(Integer::toString).toList(),
              Map.of(
                  "after", n -> plus(n, 1),
                  "before", n -> plus(n, -1),
                  "ten more", n -> plus(n, 10),
                  "double", n -> plus(n, Integer.parseInt(n)))),
          new Domain(
              Words.OPPOSITES.stream().flatMap(p -> Stream.of(p.first(), p.second())).toList(),
              Map.of(
                  "opposite", Mappings::opposite,
                  "very", word -> "very " + word,
                  "not", word -> "not " + word,
                  "same", word -> word)));

  /** What the world knows of a kind of subject, but for the relation whose values are people. */
  private static Map<String, UnaryOperator<String>> facts(Subject kind, Relation leftOut) {
    Map<String, UnaryOperator<String>> rules = new LinkedHashMap<>();
    for (Relation relation : Relation.of(kind)) {
      if (relation != leftOut) {
        rules.put(relation.name(), subject -> World.value(subject, relation));
      }
    }
    return rules;
  }

  /** A rule with the words it is shown on; the last one is the question. */
  private record Sequence(Domain domain, String rule, List<String> words) {
    String value(int i) {
      return domain.rules().get(rule).apply(words.get(i));
    }

    String shown(int count) {
      return String.join(
          "",
          IntStream.range(0, count)
              .mapToObj(i -> "- " + words.get(i) + " -> " + value(i) + "\n")
              .toList());
    }

    /** Whether every run of as many pairs as an item shows and asks for lies on a side. */
    boolean isOf(Side side) {
      return IntStream.rangeClosed(0, words.size() - SHOTS - 1)
          .mapToObj(i -> new Sequence(domain, rule, words.subList(i, i + SHOTS + 1)))
          .allMatch(run -> Side.of("mapping " + run.shown(SHOTS + 1)) == side);
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    int more = side == Side.TRAINING ? draw.between(0, 4) : 0;
    Sequence sequence = sequence(draw, side, SHOTS + 1 + more);
    return sequence.shown(sequence.words().size()).strip();
  }

  private static Sequence sequence(Draw draw, Side side, int length) {
    while (true) {
      Domain domain = draw.from(DOMAINS);
      String rule = draw.from(List.copyOf(domain.rules().keySet()));
      Sequence sequence = new Sequence(domain, rule, draw.from(domain.words(), length));
      if (sequence.isOf(side)) {
        return sequence;
      }
    }
  }

  private static String plus(String number, int more) {
    return Integer.toString(Integer.parseInt(number) + more);
  }

  private static String opposite(String word) {
    return Words.OPPOSITES.stream()
        .filter(pair -> pair.first().equals(word) || pair.second().equals(word))
        .map(pair -> pair.first().equals(word) ? pair.second() : pair.first())
        .findFirst()
        .orElseThrow();
  }

  /** Four pairs and a word; the wrong answers follow the other rules for words of its kind. */
  static JsonObject item(Draw draw) {
    while (true) {
      Sequence sequence = sequence(draw, Side.HELD_OUT, SHOTS + 1);
      String query = sequence.words().get(SHOTS);
      String answer = sequence.value(SHOTS);
      List<String> wrong =
          sequence.domain().rules().values().stream()
              .map(rule -> rule.apply(query))
              .filter(value -> !value.equals(answer))
              .distinct()
              .toList();
      if (wrong.size() < 3 || isAmbiguous(sequence)) {
        continue;
      }
      List<String> choices = new ArrayList<>(draw.from(wrong, 3));
      choices.add(answer);
      choices = draw.shuffled(choices);
      JsonObject row = new JsonObject();
      row.addProperty("pairs", sequence.shown(SHOTS));
      row.addProperty("query", query);
      row.add("choices", Rows.array(choices));
      row.addProperty("label", choices.indexOf(answer));
      row.addProperty("rule", sequence.rule());
      return row;
    }
  }

  /** Whether another rule fits the shown pairs too. */
  private static boolean isAmbiguous(Sequence sequence) {
    return sequence.domain().rules().keySet().stream()
        .filter(rule -> !rule.equals(sequence.rule()))
        .map(rule -> new Sequence(sequence.domain(), rule, sequence.words()))
        .anyMatch(other -> other.shown(SHOTS).equals(sequence.shown(SHOTS)));
  }
}
