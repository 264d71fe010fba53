// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which rows of a table are meant: comparisons joined by {@code &}, all of which must hold. A
 * comparison is {@code EXPRESSION=VALUE}, or with {@code != < <= > >=} in between; {@code =} and
 * {@code !=} also take several values, {@code method=GPTQ|SpQR}. Texts are compared for equality
 * only. A missing number fulfils nothing but {@code !=}.
 *
 * @param text as given
 */
public record RowCondition(String text) {
  private static final Pattern COMPARISON = Pattern.compile("(.+?)(!=|<=|>=|=|<|>)(.*)");

  /** For each row, whether it fulfils the condition. */
  public boolean[] test(ColumnTable table) {
    boolean[] holds = new boolean[table.rows().size()];
    Arrays.fill(holds, true);
    for (String part : text.split("&", -1)) {
      Matcher matcher = COMPARISON.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'%s' is no condition; expected COLUMN=VALUE, or != < <= > >= in between"
                .formatted(part.strip()));
      }
      String left = matcher.group(1).strip();
      String operator = matcher.group(2);
      List<String> values = List.of(matcher.group(3).strip().split("\\|", -1));
      boolean[] fulfilled = fulfilled(table, left, operator, values);
      for (int i = 0; i < holds.length; i++) {
        holds[i] &= fulfilled[i];
      }
    }
    return holds;
  }

  private static boolean[] fulfilled(
      ColumnTable table, String left, String operator, List<String> values) {
    boolean isEquality = operator.equals("=") || operator.equals("!=");
    boolean isText =
        isEquality && table.isColumn(left) && !values.stream().allMatch(RowCondition::isNumber);
    boolean[] result = new boolean[table.rows().size()];
    if (isText) {
      List<String> labels = table.labels(left);
      for (int i = 0; i < result.length; i++) {
        result[i] = values.contains(labels.get(i)) == operator.equals("=");
      }
      return result;
    }
    double[] numbers = table.numbers(left);
    double[] bounds = values.stream().mapToDouble(RowCondition::number).toArray();
    for (int i = 0; i < result.length; i++) {
      double value = numbers[i];
      boolean isEqual = Arrays.stream(bounds).anyMatch(bound -> bound == value);
      result[i] =
          switch (operator) {
            case "=" -> isEqual;
            case "!=" -> !isEqual;
            case "<" -> value < bounds[0];
            case "<=" -> value <= bounds[0];
            case ">" -> value > bounds[0];
            default -> value >= bounds[0];
          };
    }
    return result;
  }

  private static boolean isNumber(String text) {
    try {
      Double.parseDouble(text.strip());
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static double number(String text) {
    if (!isNumber(text)) {
      throw new IllegalArgumentException(
          "'%s' is not a number; texts can only be compared with = and !=".formatted(text.strip()));
    }
    return Double.parseDouble(text.strip());
  }
}
