// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A table that ships with the program: a header, then one record a line, fields between commas and
 * never quoted. {@code table.Rows} reads files, and inside a jar there are none.
 */
final class Table {
  private static final String FOLDER = "/io/lowbit/published/";

  private Table() {}

  /** A line of a table; fields are asked for by the name of their column. */
  record Line(String file, int number, List<String> header, List<String> fields) {
    String text(String column) {
      return fields.get(header.indexOf(column));
    }

    double number(String column) {
      return Double.parseDouble(text(column));
    }

    OptionalDouble optionalNumber(String column) {
      return text(column).isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(column));
    }

    OptionalInt optionalInteger(String column) {
      return text(column).isEmpty()
          ? OptionalInt.empty()
          : OptionalInt.of(Integer.parseInt(text(column)));
    }
  }

  /**
   * All lines but the header.
   *
   * @throws IllegalStateException if a line has another number of fields than the header
   */
  static List<Line> read(String file) {
    List<String> lines = text(file).lines().toList();
    List<String> header = List.of(lines.getFirst().split(",", -1));
    List<Line> read = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      List<String> fields = List.of(lines.get(i).split(",", -1));
      if (fields.size() != header.size()) {
        throw new IllegalStateException(
            "%s line %d: it has %d fields, the header %d; build the program again"
                .formatted(file, i + 1, fields.size(), header.size()));
      }
      read.add(new Line(file, i + 1, header, fields));
    }
    return List.copyOf(read);
  }

  private static String text(String file) {
    try (InputStream in = Table.class.getResourceAsStream(FOLDER + file)) {
      return new String(
          Objects.requireNonNull(in, FOLDER + file + " is missing from the jar").readAllBytes(),
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(FOLDER + file + " is unreadable; build the program again", e);
    }
  }
}
