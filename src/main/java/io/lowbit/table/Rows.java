// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Rows of a data file, chosen by its name: {@code .jsonl}, {@code .json} (an array of objects),
 * {@code .csv}, {@code .tsv} and {@code .parquet}; all but parquet may end in {@code .gz}.
 */
public final class Rows {
  private Rows() {}

  /**
   * Rows in file order, read as they are asked for. Close the stream.
   *
   * @throws IllegalArgumentException if the file is missing or of no known kind; while reading, if
   *     a record is malformed, naming file and line
   */
  public static Stream<Row> stream(Path file) {
    DataFile.requireReadable(file);
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String kind = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    try {
      if (kind.endsWith(".jsonl")) {
        return JsonRows.lines(file);
      }
      if (kind.endsWith(".json")) {
        return JsonRows.array(file);
      }
      if (kind.endsWith(".csv")) {
        return CsvRows.rows(file, ',');
      }
      if (kind.endsWith(".tsv")) {
        return CsvRows.rows(file, '\t');
      }
      if (name.endsWith(".parquet")) {
        return ParquetRows.rows(file);
      }
    } catch (IOException e) {
      throw DataFile.unreadable(file, e);
    }
    throw new IllegalArgumentException(
        file + ": a table must be a .jsonl, .json, .csv, .tsv or .parquet file");
  }

  /**
   * The first {@code limit} rows of a {@code .jsonl} file that Python's json module wrote, where
   * NaN and infinities are bare words; they are taken as null. Errors as {@link #stream}.
   */
  public static List<Row> readPython(Path file, long limit) {
    DataFile.requireReadable(file);
    try (Stream<Row> rows = JsonRows.pythonLines(file)) {
      return rows.limit(limit).toList();
    } catch (IOException e) {
      throw DataFile.unreadable(file, e);
    }
  }

  /** All rows; errors as {@link #stream}. */
  public static List<Row> read(Path file) {
    try (Stream<Row> rows = stream(file)) {
      return rows.toList();
    }
  }

  /** The first {@code limit} rows, reading no further; errors as {@link #stream}. */
  public static List<Row> read(Path file, long limit) {
    try (Stream<Row> rows = stream(file)) {
      return rows.limit(limit).toList();
    }
  }
}
