// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import io.lowbit.world.Relation.Subject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The facts, the same for everybody: models learn them, so they do not depend on a seed. People are
 * the friend of somebody else; nothing else about the values is ruled out.
 */
final class World {
  private static final long SEED = 20_240_228;

  private World() {}

  /** Women and men. */
  static final List<String> PEOPLE =
      Stream.concat(Words.WOMEN.stream(), Words.MEN.stream()).toList();

  private static final Map<Subject, List<String>> SUBJECTS =
      new EnumMap<>(
          Map.of(Subject.PERSON, PEOPLE, Subject.THING, Words.THINGS, Subject.PLACE, Words.PLACES));

  /** Every fact there is. */
  static final List<Fact> FACTS = facts();

  /** One thing that is so. */
  record Fact(String subject, Relation relation, String value) {
    private static final Pattern SUBJECT = Pattern.compile("\\bS\\b");
    private static final Pattern VALUE = Pattern.compile("\\bV\\b");

    /** Names the fact; items about the same fact are not independent. */
    String name() {
      return relation.name().toLowerCase(java.util.Locale.ROOT) + " of " + subject;
    }

    /** A sentence or question form filled in, with a capital letter at its beginning. */
    String tell(String form) {
      String text = VALUE.matcher(SUBJECT.matcher(form).replaceAll(subject)).replaceAll(value);
      return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }
  }

  /** All subjects of a kind. */
  static List<String> subjects(Subject kind) {
    return SUBJECTS.get(kind);
  }

  /** What is so. */
  static String value(String subject, Relation relation) {
    Draw draw = Draw.of(SEED, relation + " of " + subject);
    String value = draw.from(relation.range());
    while (value.equals(subject)) {
      value = draw.from(relation.range());
    }
    return value;
  }

  /** He or she. */
  static String pronoun(String person) {
    return Words.WOMEN.contains(person) ? "she" : "he";
  }

  private static List<Fact> facts() {
    List<Fact> facts = new ArrayList<>();
    for (Relation relation : Relation.values()) {
      for (String subject : subjects(relation.subject())) {
        facts.add(new Fact(subject, relation, value(subject, relation)));
      }
    }
    return List.copyOf(facts);
  }
}
