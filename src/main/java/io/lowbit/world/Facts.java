// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonObject;
import io.lowbit.world.Relation.Subject;
import io.lowbit.world.World.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is so, told in sentences and asked in questions. For each fact some sentence forms and some
 * question forms are held out: a model has read the fact, but never in the words of the test.
 */
final class Facts implements Genre {
  @Override
  public String document(Draw draw, Side side) {
    return draw.chance(50) ? portrait(draw, side) : questions(draw, side);
  }

  /** Some facts about one subject, and about what they mention. */
  private static String portrait(Draw draw, Side side) {
    Subject kind = draw.from(List.of(Subject.PERSON, Subject.PERSON, Subject.THING, Subject.PLACE));
    String subject = draw.from(World.subjects(kind));
    List<String> sentences = new ArrayList<>();
    for (Relation relation : draw.shuffled(Relation.of(kind))) {
      if (sentences.isEmpty() || draw.chance(75)) {
        sentences.add(sentence(draw, side, fact(subject, relation)));
      }
    }
    if (draw.chance(40)) {
      Fact other = draw.from(World.FACTS);
      sentences.add(sentence(draw, side, other));
    }
    return String.join(" ", sentences);
  }

  private static String questions(Draw draw, Side side) {
    List<String> lines = new ArrayList<>();
    int count = draw.between(2, 6);
    for (int i = 0; i < count; i++) {
      Fact fact = draw.from(World.FACTS);
      lines.add("Question: " + question(draw, side, fact) + "\nAnswer: " + fact.value());
    }
    return String.join("\n\n", lines);
  }

  static Fact fact(String subject, Relation relation) {
    return new Fact(subject, relation, World.value(subject, relation));
  }

  /** A sentence of this side that tells a fact. */
  static String sentence(Draw draw, Side side, Fact fact) {
    if (side == Side.TRAINING && draw.chance(15)) {
      return fact.tell(draw.from(fact.relation().inversions()));
    }
    return fact.tell(draw.from(statements(fact, side)));
  }

  private static List<String> statements(Fact fact, Side side) {
    return side.forms("sentences on " + fact.name(), fact.relation().statements());
  }

  private static String question(Draw draw, Side side, Fact fact) {
    return fact.tell(
        draw.from(side.forms("questions on " + fact.name(), fact.relation().questions())));
  }

  /** A sentence whose last word is missing. */
  static JsonObject cloze(Draw draw) {
    Fact fact = draw.from(World.FACTS);
    String sentence = fact.tell(draw.from(statements(fact, Side.HELD_OUT)));
    JsonObject row = new JsonObject();
    row.addProperty(
        "context", sentence.substring(0, sentence.length() - fact.value().length() - 2));
    row.addProperty("continuation", fact.value());
    row.addProperty("fact", fact.name());
    return row;
  }

  /** A question with four answers of the right kind. */
  static JsonObject choice(Draw draw) {
    Fact fact = draw.from(World.FACTS);
    List<String> others =
        fact.relation().range().stream()
            .filter(value -> !value.equals(fact.value()) && !value.equals(fact.subject()))
            .toList();
    List<String> choices =
        draw.shuffled(
            Stream.concat(Stream.of(fact.value()), draw.from(others, 3).stream()).toList());
    JsonObject row = new JsonObject();
    row.addProperty("question", question(draw, Side.HELD_OUT, fact));
    row.add("choices", Rows.array(choices));
    row.addProperty("label", choices.indexOf(fact.value()));
    row.addProperty("fact", fact.name());
    return row;
  }
}
