// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** The data files of the {@code demo_*} tasks. */
public final class HeldOutData {
  /** The most items that every benchmark can draw without repeating one. */
  public static final int MOST_ITEMS = 1000;

  /** The world that the task files name by its hash. */
  public static final long USUAL_WORLD = 1;

  /** Lines of the ledgers in turn; the longest makes 256 tokens at most. */
  private static final List<Integer> LEDGER_LINES = List.of(10, 20, 30, 44);

  private static final int TEXT_DOCUMENTS_PER_ITEM = 2;
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private HeldOutData() {}

  /**
   * A kind of test item.
   *
   * @param task name of its task file
   * @param item draws the item of a given number: a row of the data file
   */
  private record Benchmark(String task, BiFunction<Draw, Integer, JsonObject> item) {}

  private static final List<Benchmark> BENCHMARKS =
      List.of(
          new Benchmark("demo_cloze", (draw, _) -> Facts.cloze(draw)),
          new Benchmark("demo_choice", (draw, _) -> Facts.choice(draw)),
          new Benchmark("demo_mapping", (draw, _) -> Mappings.item(draw)),
          new Benchmark("demo_arithmetic", (draw, _) -> Sums.item(draw)),
          new Benchmark("demo_pairs", (draw, _) -> Hearsay.item(draw)),
          new Benchmark("demo_doubt", (draw, _) -> Doubts.item(draw)),
          new Benchmark("demo_instructions", (draw, _) -> Instructions.item(draw)),
          new Benchmark(
              "demo_lines",
              (draw, i) -> Ledgers.item(draw, LEDGER_LINES.get(i % LEDGER_LINES.size()))));

  /**
   * Writes one file for each task: {@code <task>.jsonl}, and {@code demo_text.txt}. A file of fewer
   * items is the beginning of a file of more. The same arguments give the same bytes everywhere.
   *
   * @param world seed of the draw; each gives other items about the same facts
   * @param items of each benchmark, at most {@link #MOST_ITEMS}
   * @throws IllegalArgumentException if {@code items} is out of range
   * @throws IOException if a file cannot be written; none is left half-written
   */
  public static void write(Path folder, long world, int items) throws IOException {
    if (items < 1 || items > MOST_ITEMS) {
      throw new IllegalArgumentException(
          "the number of items must be from 1 to " + MOST_ITEMS + ", not " + items);
    }
    Files.createDirectories(folder);
    for (Benchmark benchmark : BENCHMARKS) {
      store(folder.resolve(benchmark.task() + ".jsonl"), rows(benchmark, world, items));
    }
    List<String> documents = Corpus.heldOut(world).next(TEXT_DOCUMENTS_PER_ITEM * items);
    store(folder.resolve("demo_text.txt"), String.join(Corpus.END, documents));
  }

  private static String rows(Benchmark benchmark, long world, int items) {
    Draw draw = Draw.of(world, benchmark.task());
    Set<String> rows = new LinkedHashSet<>();
    while (rows.size() < items) {
      rows.add(GSON.toJson(benchmark.item().apply(draw, rows.size())));
    }
    return String.join("\n", rows) + "\n";
  }

  private static void store(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      Files.writeString(temporary, text);
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
