// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Small arithmetic: sums on their own, and questions in words that take two steps. A two-step
 * question is held out by its three numbers and two operations; the single steps are all told.
 */
final class Sums implements Genre {
  private static final int LARGEST = 24;

  private static final List<String> GAINS =
      List.of(
          "finds COUNT more", "buys COUNT more", "gets COUNT from OTHER", "picks up COUNT more");
  private static final List<String> LOSSES =
      List.of("loses COUNT", "sells COUNT", "gives COUNT to OTHER", "throws away COUNT");

  /** Two steps: {@code start ± first ± second}. */
  private record Steps(int start, boolean adds, int first, boolean addsThen, int second) {
    int middle() {
      return adds ? start + first : start - first;
    }

    int end() {
      return addsThen ? middle() + second : middle() - second;
    }

    boolean isSmall() {
      return middle() >= 0 && middle() <= LARGEST && end() >= 0 && end() <= LARGEST;
    }

    String key() {
      return "sum %d %s %d %s %d".formatted(start, adds, first, addsThen, second);
    }

    String working() {
      return "%s. %s. The answer is %d"
          .formatted(step(start, adds, first), step(middle(), addsThen, second), end());
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    if (side == Side.TRAINING && draw.chance(30)) {
      return singleSteps(draw);
    }
    List<String> questions = new ArrayList<>();
    int count = draw.between(1, 4);
    for (int i = 0; i < count; i++) {
      Steps steps = steps(draw, side);
      questions.add("Question: " + question(draw, steps) + "\nAnswer: " + steps.working() + ".");
    }
    return String.join("\n\n", questions);
  }

  /** No step goes on with the result of the step before: that would be a two-step sum. */
  private static String singleSteps(Draw draw) {
    List<String> steps = new ArrayList<>();
    int count = draw.between(4, 12);
    int last = -1;
    while (steps.size() < count) {
      int left = draw.between(0, LARGEST);
      boolean adds = draw.chance(50);
      int right = draw.between(1, 9);
      int result = adds ? left + right : left - right;
      if (result >= 0 && result <= LARGEST && left != last) {
        steps.add(step(left, adds, right) + ".");
        last = result;
      }
    }
    return String.join(" ", steps);
  }

  private static String step(int left, boolean adds, int right) {
    return "%d %s %d = %d"
        .formatted(left, adds ? "+" : "-", right, adds ? left + right : left - right);
  }

  private static Steps steps(Draw draw, Side side) {
    return side.draw(() -> steps(draw), Steps::key);
  }

  private static Steps steps(Draw draw) {
    while (true) {
      Steps steps =
          new Steps(
              draw.between(2, 18),
              draw.chance(50),
              draw.between(1, 9),
              draw.chance(50),
              draw.between(1, 9));
      if (steps.isSmall()) {
        return steps;
      }
    }
  }

  private static String question(Draw draw, Steps steps) {
    List<String> people = draw.from(World.PEOPLE, 3);
    String person = people.get(0);
    String goods = draw.from(Words.GOODS);
    return "%s has %d %s. %s %s. Then %s %s. How many %s does %s have?"
        .formatted(
            person,
            steps.start(),
            goods,
            person,
            change(draw, steps.adds(), steps.first(), people.get(1)),
            World.pronoun(person),
            change(draw, steps.addsThen(), steps.second(), people.get(2)),
            goods,
            person);
  }

  private static String change(Draw draw, boolean adds, int count, String other) {
    return draw.from(adds ? GAINS : LOSSES)
        .replace("COUNT", Integer.toString(count))
        .replace("OTHER", other);
  }

  /** A question in words that takes two steps. */
  static JsonObject item(Draw draw) {
    Steps steps = steps(draw, Side.HELD_OUT);
    JsonObject row = new JsonObject();
    row.addProperty("question", question(draw, steps));
    row.addProperty("steps", steps.key());
    row.addProperty("answer", steps.working());
    row.addProperty("result", Integer.toString(steps.end()));
    return row;
  }
}
