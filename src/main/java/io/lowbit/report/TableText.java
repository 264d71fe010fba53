// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.lowbit.results.ResultTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A flat table as text. */
public final class TableText {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private TableText() {}

  /**
   * CSV with a header (RFC 4180, but lines end in a line feed). Numbers keep all digits; null is an
   * empty field, the empty text is {@code ""}.
   */
  public static String csv(ResultTable table) {
    StringBuilder text = new StringBuilder();
    text.append(
        table.columns().stream()
            .map(column -> csvField(column.name()))
            .collect(Collectors.joining(",", "", "\n")));
    for (List<Object> row : table.rows()) {
      text.append(row.stream().map(TableText::csvField).collect(Collectors.joining(",", "", "\n")));
    }
    return text.toString();
  }

  private static String csvField(Object value) {
    String text =
        switch (value) {
          case null -> "";
          case List<?> list -> GSON.toJson(list);
          case Map<?, ?> map -> GSON.toJson(map);
          default -> value.toString();
        };
    boolean quoted =
        value instanceof String
            && (text.isEmpty()
                || !text.strip().equals(text)
                || text.startsWith("\uFEFF")
                || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r'));
    return quoted || text.contains(",") ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  /** A JSON array with an object per row, one row a line. */
  public static String json(ResultTable table) {
    List<String> names = distinct(table);
    return table.rows().stream()
        .map(row -> {
          Map<String, Object> object = new LinkedHashMap<>();
          for (int i = 0; i < names.size(); i++) {
            object.put(names.get(i), jsonValue(row.get(i)));
          }
          return GSON.toJson(object);
        })
        .collect(Collectors.joining(",\n", "[\n", "\n]\n"))
        .replace("[\n\n]", "[]");
  }

  /** JSON has no NaN and no infinity; a query may compute them. */
  private static Object jsonValue(Object value) {
    return switch (value) {
      case Double number when !Double.isFinite(number) -> null;
      case List<?> list -> {
        List<Object> values = new ArrayList<>();
        list.forEach(element -> values.add(jsonValue(element)));
        yield values;
      }
      case Map<?, ?> map -> {
        Map<String, Object> values = new LinkedHashMap<>();
        map.forEach((name, element) -> values.put(String.valueOf(name), jsonValue(element)));
        yield values;
      }
      case null, default -> value;
    };
  }

  /** Column names for an object, where a query may give two columns the same name. */
  private static List<String> distinct(ResultTable table) {
    List<String> names = new ArrayList<>();
    for (ResultTable.Column column : table.columns()) {
      String name = column.name();
      for (int i = 2; names.contains(name); i++) {
        name = column.name() + "_" + i;
      }
      names.add(name);
    }
    return names;
  }

  /** Aligned columns, numbers to the right and with six digits at most. */
  public static String aligned(ResultTable table) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(table.columns().stream().map(ResultTable.Column::name).toList());
    table.rows().forEach(row -> lines.add(row.stream().map(TableText::shown).toList()));
    int width = table.columns().size();
    int[] widths = new int[width];
    boolean[] numeric = new boolean[width];
    for (int i = 0; i < width; i++) {
      int column = i;
      widths[i] = lines.stream().mapToInt(line -> length(line.get(column))).max().orElse(0);
      numeric[i] =
          table.rows().stream()
              .allMatch(row -> row.get(column) == null || row.get(column) instanceof Number);
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < width; i++) {
        String gap = " ".repeat(widths[i] - length(line.get(i)));
        out.append(numeric[i] ? gap + line.get(i) : line.get(i) + gap).append("  ");
      }
      text.append(out.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String shown(Object value) {
    return switch (value) {
      case null -> Figures.NONE;
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e6 ->
          String.format(Locale.ROOT, "%.1f", number);
      case Double number when Double.isFinite(number) -> sixDigits(number);
      case List<?> list ->
          list.stream().map(TableText::shown).collect(Collectors.joining(", ", "[", "]"));
      // A line break would end the row, and other controls could drive the terminal.
      default -> value.toString().replaceAll("\\p{Cntrl}", " ");
    };
  }

  private static String sixDigits(double number) {
    double size = Math.abs(number);
    if (size >= 1e6 || size < 1e-4) {
      return String.format(Locale.ROOT, "%.5e", number);
    }
    int whole = Math.max(1, (int) Math.floor(Math.log10(size)) + 1);
    return String.format(Locale.ROOT, "%." + (6 - Math.min(whole, 5)) + "f", number);
  }
}
