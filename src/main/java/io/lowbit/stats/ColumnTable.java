// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Rows of a table and the numbers that expressions over its columns give. An expression is the name
 * of a column, or one of
 *
 * <ul>
 *   <li>{@code ln(e)}, {@code log2(e)}: logarithms;
 *   <li>{@code mean(e, e, …)}: arithmetic mean of several expressions in the same row;
 *   <li>{@code size(COLUMN)}: the number in a name such as 7B or 560M, in billions;
 *   <li>{@code change(e)}: e minus e in the baseline row of the same group.
 * </ul>
 *
 * <p>An empty field is missing, and so is everything computed from it. A column whose name looks
 * like an expression is taken as the column.
 *
 * @param rows column → value, a number or a text
 * @param group column whose values name the groups
 * @param baseline what the one row of each group that {@code change} subtracts fulfils
 */
public record ColumnTable(
    List<Map<String, Object>> rows, Optional<String> group, Optional<RowCondition> baseline) {

  /** A number for each row, NaN where one is missing. */
  public double[] numbers(String expression) {
    String text = expression.strip();
    if (isColumn(text) || !text.endsWith(")") || text.indexOf('(') < 1) {
      return column(text);
    }
    int open = text.indexOf('(');
    String inside = text.substring(open + 1, text.length() - 1);
    return switch (text.substring(0, open).strip()) {
      case "ln" -> logarithm(inside, Math::log);
      case "log2" -> logarithm(inside, value -> Math.log(value) / Math.log(2));
      case "mean" -> mean(arguments(inside));
      case "size" -> sizes(inside.strip());
      case "change" -> change(inside);
      default -> column(text);
    };
  }

  /** Text of each row; a missing value is "null". */
  public List<String> labels(String column) {
    requireColumn(column);
    return rows.stream().map(row -> text(row.get(column))).toList();
  }

  /** Whole numbers are written without a fraction, whatever type the table's reader gave them. */
  private static String text(Object value) {
    return value instanceof Number number && number.doubleValue() == Math.rint(number.doubleValue())
        ? String.valueOf(number.longValue())
        : String.valueOf(value);
  }

  boolean isColumn(String name) {
    return rows.stream().anyMatch(row -> row.containsKey(name));
  }

  private void requireColumn(String column) {
    if (!isColumn(column)) {
      List<String> known =
          rows.stream().flatMap(row -> row.keySet().stream()).distinct().sorted().toList();
      throw new IllegalArgumentException(
          "the table has no column '%s'; it has %s".formatted(column, String.join(", ", known)));
    }
  }

  private double[] column(String column) {
    requireColumn(column);
    double[] numbers = new double[rows.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(rows.get(i).get(column), column, i);
    }
    return numbers;
  }

  private static double number(Object value, String column, int row) {
    return switch (value) {
      case null -> Double.NaN;
      case Number number -> number.doubleValue();
      default -> {
        String text = value.toString().trim();
        if (text.isEmpty()) {
          yield Double.NaN;
        }
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "column '%s', row %d: '%s' is not a number; leave a missing value empty"
                  .formatted(column, row + 1, text),
              e);
        }
      }
    };
  }

  private double[] logarithm(String expression, DoubleUnaryOperator logarithm) {
    double[] values = numbers(expression);
    for (int i = 0; i < values.length; i++) {
      if (values[i] <= 0) {
        throw new IllegalArgumentException(
            "column '%s', row %d: the logarithm needs a value above 0, but it is %s"
                .formatted(expression.strip(), i + 1, values[i]));
      }
      values[i] = logarithm.applyAsDouble(values[i]);
    }
    return values;
  }

  /** Splits at commas outside parentheses. */
  private static List<String> arguments(String text) {
    List<String> arguments = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        arguments.add(text.substring(from, i));
        from = i + 1;
      }
    }
    arguments.add(text.substring(from));
    return arguments;
  }

  private double[] mean(List<String> expressions) {
    double[] mean = new double[rows.size()];
    for (String expression : expressions) {
      double[] values = numbers(expression);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += values[i];
      }
    }
    for (int i = 0; i < mean.length; i++) {
      mean[i] /= expressions.size();
    }
    return mean;
  }

  private double[] sizes(String column) {
    List<String> labels = labels(column);
    return IntStream.range(0, labels.size())
        .mapToDouble(i -> size(labels.get(i), column, i))
        .toArray();
  }

  private static double size(String label, String column, int row) {
    String number = label.strip().replaceFirst("(?i)[bm]$", "");
    boolean isMillions = label.strip().toLowerCase(Locale.ROOT).endsWith("m");
    try {
      return Double.parseDouble(number) / (isMillions ? 1000 : 1);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "column '%s', row %d: '%s' is no size; expected a number with B or M, such as 7B"
              .formatted(column, row + 1, label),
          e);
    }
  }

  private double[] change(String expression) {
    if (baseline.isEmpty()) {
      throw new IllegalArgumentException(
          "change(%s) needs to know the baseline rows; name them with --baseline, such as"
                  .formatted(expression)
              + " --baseline method=BF16");
    }
    double[] values = numbers(expression);
    boolean[] isBaseline = baseline.get().test(this);
    List<String> labels =
        group.map(this::labels).orElseGet(() -> rows.stream().map(_ -> "the table").toList());
    double[] change = new double[values.length];
    for (int i = 0; i < change.length; i++) {
      String label = labels.get(i);
      int[] found =
          IntStream.range(0, change.length)
              .filter(j -> isBaseline[j] && labels.get(j).equals(label))
              .toArray();
      if (found.length != 1) {
        throw new IllegalArgumentException(
            "change(%s): group '%s' has %d rows with %s; it needs exactly one"
                .formatted(expression, label, found.length, baseline.get().text()));
      }
      change[i] = values[i] - values[found[0]];
    }
    return change;
  }
}
