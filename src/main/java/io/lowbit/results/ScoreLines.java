// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Per-item scores of other programs, one JSON object per line: {@code task}, {@code item}, {@code
 * scheme} and {@code score}, and if known {@code model}, {@code cluster}, {@code choice} and {@code
 * gold}. They lack what tells whether two runs are comparable (protocol, data, weights), so only
 * their names keep them apart.
 */
public final class ScoreLines {
  /** Name of the one metric, the mean of {@code score}; higher is better. */
  public static final String METRIC = "score";

  private static final Set<String> REQUIRED = Set.of("task", "item", "scheme", METRIC);

  private ScoreLines() {}

  /** Whether a row has what a score line needs and is not a record. */
  public static boolean isScoreLine(Row row) {
    return row.values().keySet().containsAll(REQUIRED) && !row.values().containsKey("schema");
  }

  /**
   * Reads a file whose lines are all score lines.
   *
   * @throws IllegalArgumentException if a line is none or its score is no number
   */
  public static List<ItemRecord> read(Path file) {
    List<ItemRecord> records = new ArrayList<>();
    List<Row> rows = Rows.read(file);
    for (int i = 0; i < rows.size(); i++) {
      String where = file + ":" + (i + 1);
      if (!isScoreLine(rows.get(i))) {
        throw new IllegalArgumentException(
            "%s: not a line of scores; it needs %s, but has %s"
                .formatted(where, REQUIRED, rows.get(i).values().keySet()));
      }
      records.add(record(rows.get(i).values(), where));
    }
    return List.copyOf(records);
  }

  private static ItemRecord record(Map<String, Object> line, String where) {
    double score =
        switch (line.get(METRIC)) {
          case Number number -> number.doubleValue();
          case null -> Double.NaN;
          case Object other ->
              throw new IllegalArgumentException(
                  "%s: score '%s' is not a number".formatted(where, other));
        };
    String model = text(line, "model");
    String task = text(line, "task");
    String scheme = text(line, "scheme");
    String item = text(line, "item");
    return new ItemRecord(
        ItemRecord.SCHEMA,
        String.join("/", model, scheme, task, item),
        model.isEmpty() ? "model" : model,
        "",
        0,
        scheme,
        scheme,
        "",
        Double.NaN,
        Double.NaN,
        "",
        "",
        task,
        0,
        "",
        "scores of another program",
        "",
        item,
        text(line, "cluster"),
        List.of(new ItemRecord.Metric(METRIC, ItemRecord.Aggregation.MEAN, true, Double.NaN)),
        Map.of(METRIC, score),
        List.of(),
        text(line, "choice"),
        text(line, "gold"));
  }

  private static String text(Map<String, Object> line, String field) {
    Object value = line.get(field);
    return value == null ? "" : String.valueOf(value);
  }
}
