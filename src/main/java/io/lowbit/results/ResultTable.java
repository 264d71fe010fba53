// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Results as a flat table, for other programs and for SQL.
 *
 * @param name of the table
 * @param columns in order
 * @param rows a value per column, of the column's type or null; a number that is not finite is null
 */
public record ResultTable(String name, List<Column> columns, List<List<Object>> rows) {
  /**
   * A column.
   *
   * @param name unique in the table
   * @param type String, Long, Double, Boolean, or List of Double
   */
  public record Column(String name, Class<?> type) {}

  /**
   * Where a column's values come from.
   *
   * @param column the column
   * @param value of a source; Integer and Enum are taken as Long and String
   */
  public record Field<T>(Column column, Function<T, Object> value) {
    /** A field by name, type and value. */
    public static <T> Field<T> of(String name, Class<?> type, Function<T, Object> value) {
      return new Field<>(new Column(name, type), value);
    }
  }

  /** The table with a row per source. */
  public static <T> ResultTable of(String name, List<Field<T>> fields, List<T> sources) {
    List<List<Object>> rows = new ArrayList<>();
    for (T source : sources) {
      List<Object> row = new ArrayList<>();
      fields.forEach(field -> row.add(plain(field.value().apply(source))));
      rows.add(row);
    }
    return new ResultTable(name, fields.stream().map(Field::column).toList(), rows);
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Double number when !Double.isFinite(number) -> null;
      case Integer number -> number.longValue();
      case Enum<?> constant -> constant.name();
      case null, default -> value;
    };
  }
}
