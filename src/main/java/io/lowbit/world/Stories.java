// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import io.lowbit.world.World.Fact;
import java.util.ArrayList;
import java.util.List;

/**
 * Small stories in which a thing changes hands between people, with facts about them and a question
 * at the end. Held out is a story by its people, thing and town; the facts are told as in training.
 */
final class Stories implements Genre {
  private static final List<String> BEGINNINGS =
      List.of("One morning", "One evening", "Last winter", "On market day", "After the rain");
  private static final List<String> REASONS =
      List.of("as a present", "for a while", "in exchange for %s", "because it was too heavy");

  private record Cast(List<String> people, String thing, String town) {
    String key() {
      return "story %s %s %s".formatted(people, thing, town);
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    Cast cast =
        side.draw(
            () ->
                new Cast(
                    draw.from(World.PEOPLE, 3), draw.from(Words.THINGS), draw.from(Words.PLACES)),
            Cast::key);
    List<String> people = cast.people();
    String holder = people.get(0);
    List<String> text = new ArrayList<>();
    text.add(
        "%s %s went to the %s of %s with the %s."
            .formatted(
                draw.from(BEGINNINGS),
                holder,
                World.value(cast.town(), Relation.FEATURE),
                cast.town(),
                cast.thing()));
    text.add(aside(draw, cast));
    for (String next : people.subList(1, draw.between(2, 3))) {
      text.add("There %s met %s.".formatted(World.pronoun(holder), next));
      if (draw.chance(50)) {
        text.add(aside(draw, cast));
      }
      text.add(
          "%s gave the %s to %s %s."
              .formatted(
                  holder,
                  cast.thing(),
                  next,
                  draw.from(REASONS).formatted(draw.from(Words.FOODS))));
      holder = next;
    }
    text.add("In the end %s had the %s.".formatted(holder, cast.thing()));
    return String.join(" ", text)
        + "\nQuestion: Who has the %s now?\nAnswer: %s".formatted(cast.thing(), holder);
  }

  /** A fact about the people, the thing or the town. */
  private static String aside(Draw draw, Cast cast) {
    String subject =
        draw.from(List.of(cast.people().get(0), cast.people().get(1), cast.thing(), cast.town()));
    List<Fact> facts = World.FACTS.stream().filter(fact -> fact.subject().equals(subject)).toList();
    return Facts.sentence(draw, Side.TRAINING, draw.from(facts));
  }
}
