// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Long lists of keys and values to look things up in, after the line retrieval of LongEval (Li et
 * al. 2023). A list is held out by its beginning.
 */
final class Ledgers implements Genre {
  private static final String HEADING = "Ledger:\n";

  private static final int FEWEST_LINES = 3;

  private static final List<String> KEYS =
      Stream.of(Words.THINGS, Words.FOODS, Words.ANIMALS, Words.HOBBIES)
          .flatMap(List::stream)
          .toList();

  private record Ledger(List<String> keys, List<Integer> values) {
    String lines() {
      return lines(keys.size());
    }

    private String lines(int count) {
      return String.join(
          "",
          IntStream.range(0, count)
              .mapToObj(i -> "- " + keys.get(i) + " " + values.get(i) + "\n")
              .toList());
    }

    /** The beginning, so that no ledger of one side begins as one of the other. */
    String key() {
      return "ledger " + lines(FEWEST_LINES);
    }
  }

  @Override
  public String document(Draw draw, Side side) {
    int lines =
        draw.chance(60) ? draw.between(FEWEST_LINES, 8) : draw.between(8, draw.between(12, 60));
    Ledger ledger = ledger(draw, side, lines);
    StringBuilder text = new StringBuilder(HEADING + ledger.lines());
    int questions = draw.between(3, 4 + lines / 2);
    for (int i = 0; i < questions; i++) {
      int line = draw.below(lines);
      text.append("Look up: ").append(ledger.keys().get(line)).append(' ');
      text.append(ledger.values().get(line)).append('\n');
    }
    return text.toString().strip();
  }

  private static Ledger ledger(Draw draw, Side side, int lines) {
    return side.draw(
        () -> {
          List<Integer> values = new ArrayList<>();
          for (int i = 0; i < lines; i++) {
            values.add(draw.between(10, 99));
          }
          return new Ledger(draw.from(KEYS, lines), values);
        },
        Ledger::key);
  }

  /**
   * A list and a key in it.
   *
   * @param lines length of the list; a line is five tokens
   */
  static JsonObject item(Draw draw, int lines) {
    Ledger ledger = ledger(draw, Side.HELD_OUT, lines);
    int line = draw.below(lines);
    JsonObject row = new JsonObject();
    row.addProperty("ledger", HEADING + ledger.lines());
    row.addProperty("key", ledger.keys().get(line));
    row.addProperty("value", Integer.toString(ledger.values().get(line)));
    row.addProperty("lines", lines);
    row.addProperty("depth", (double) line / (lines - 1));
    return row;
  }
}
