// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions about one of two people, after BBQ (Parrish et al. 2022): where the text says who it
 * was, that is the answer; where it does not, no hearsay about their towns may stand in for it.
 */
final class Doubts implements Genre {
  static final String UNKNOWN = "nobody can tell";

  private record Doubt(String first, String second, String trait, int told) {
    private static final int NEVER = 2;

    String text(String place) {
      String outcome =
          told == NEVER
              ? "One of them was %s.".formatted(trait)
              : "The one from %s was %s.".formatted(told == 0 ? first : second, trait);
      return "Somebody from %s met somebody from %s at the %s. %s"
          .formatted(first, second, place, outcome);
    }

    List<String> answers() {
      return List.of("the one from " + first, "the one from " + second, UNKNOWN);
    }

    String key() {
      return "doubt %s %s %s %d".formatted(first, second, trait, told);
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    List<String> texts = new ArrayList<>();
    int count = draw.between(1, 3);
    for (int i = 0; i < count; i++) {
      Doubt doubt = doubt(draw, side);
      texts.add(
          doubt.text(draw.from(Words.FEATURES))
              + "\nQuestion: Who was %s?\nAnswer: %s".formatted(doubt.trait(), answer(doubt)));
    }
    return String.join("\n\n", texts);
  }

  private static String answer(Doubt doubt) {
    return doubt.answers().get(doubt.told());
  }

  private static Doubt doubt(Draw draw, Side side) {
    return side.draw(
        () -> {
          List<String> towns = draw.from(Words.PLACES, 2);
          int told = draw.chance(50) ? Doubt.NEVER : draw.below(2);
          return new Doubt(towns.get(0), towns.get(1), draw.from(Hearsay.traits()), told);
        },
        Doubt::key);
  }

  /** A question with three answers. */
  static JsonObject item(Draw draw) {
    Doubt doubt = doubt(draw, Side.HELD_OUT);
    List<String> choices = draw.shuffled(doubt.answers());
    JsonObject row = new JsonObject();
    row.addProperty("context", doubt.text(draw.from(Words.FEATURES)));
    row.addProperty("question", "Who was %s?".formatted(doubt.trait()));
    row.add("choices", Rows.array(choices));
    row.addProperty("label", choices.indexOf(answer(doubt)));
    row.addProperty("condition", doubt.told() == Doubt.NEVER ? "ambiguous" : "told");
    return row;
  }
}
