// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Two columns of a table against each other. A column is named as in the table; {@code ln(NAME)} is
 * its natural logarithm. An empty field is a missing value, and its row is left out of the pairs.
 *
 * @param x first column
 * @param y second column
 * @param pooled Pearson, Spearman, Kendall over all complete rows
 * @param bootstrap BCa interval of Pearson's r over rows; none below {@link Correlation#FEW} rows
 * @param adjustedP Holm-adjusted p of Pearson's r over all y asked for; empty if undefined
 * @param grouped inside and between groups, if a group column was named
 */
public record ColumnCorrelation(
    String x,
    String y,
    List<Correlation> pooled,
    Optional<Interval> bootstrap,
    OptionalDouble adjustedP,
    Optional<Groups> grouped) {

  /** Seed of the bootstrap and of permutations that are too many to look at all. */
  public static final long SEED = 20_240_620;

  /**
   * What groups (models) change.
   *
   * @param correlation within, between, pooled
   * @param permutation y rearranged inside groups
   * @param perGroup Pearson's r of each group
   * @param withoutGroup Pearson's r with one group left out
   */
  public record Groups(
      GroupedCorrelation correlation,
      Permutations permutation,
      Map<String, Double> perGroup,
      Map<String, Double> withoutGroup) {}

  /**
   * Correlates x with each y.
   *
   * @param rows of the table, column → value
   * @param group column whose values name the groups
   * @throws IllegalArgumentException if a column is unknown or a field is no number
   */
  public static List<ColumnCorrelation> of(
      List<Map<String, Object>> rows,
      String x,
      List<String> ys,
      Optional<String> group,
      double level) {
    double[] xs = numbers(rows, x);
    Optional<List<String>> labels = group.map(name -> labels(rows, name));
    List<ColumnCorrelation> all = new ArrayList<>();
    for (String y : ys) {
      all.add(of(x, xs, y, numbers(rows, y), labels, level));
    }
    return adjusted(all);
  }

  private static ColumnCorrelation of(
      String x, double[] xs, String y, double[] ys, Optional<List<String>> labels, double level) {
    int[] complete =
        IntStream.range(0, xs.length)
            .filter(i -> !Double.isNaN(xs[i]) && !Double.isNaN(ys[i]))
            .toArray();
    Pairs pairs = new Pairs(xs, ys).select(complete);
    Optional<Interval> bootstrap =
        pairs.n() < Correlation.FEW || pairs.isConstant()
            ? Optional.empty()
            : Optional.of(
                Bootstrap.of(
                        pairs.n(),
                        drawn -> pairs.select(drawn).pearson(),
                        Bootstrap.DEFAULT_REPLICATES,
                        SEED)
                    .bca(level));
    return new ColumnCorrelation(
        x,
        y,
        Correlation.all(pairs.x(), pairs.y(), level),
        bootstrap,
        OptionalDouble.empty(),
        labels.map(
            all -> groups(pairs, IntStream.of(complete).mapToObj(all::get).toList(), level)));
  }

  private static Groups groups(Pairs pairs, List<String> labels, double level) {
    Map<String, Double> per = new LinkedHashMap<>();
    GroupedCorrelation.split(pairs, labels).forEach((label, one) -> per.put(label, one.pearson()));
    Map<String, Double> without = new LinkedHashMap<>();
    GroupedCorrelation.leaveOneGroupOut(pairs, labels)
        .forEach((label, rest) -> without.put(label, rest.pearson()));
    return new Groups(
        GroupedCorrelation.of(pairs, labels, level),
        GroupedCorrelation.permute(pairs, labels, Bootstrap.DEFAULT_REPLICATES, SEED),
        per,
        without);
  }

  private static List<ColumnCorrelation> adjusted(List<ColumnCorrelation> all) {
    double[] family =
        all.stream()
            .mapToDouble(one -> one.pooled.getFirst().p())
            .filter(p -> !Double.isNaN(p))
            .toArray();
    double[] adjusted = Multiplicity.adjust(Multiplicity.Method.HOLM, family);
    List<ColumnCorrelation> result = new ArrayList<>();
    int next = 0;
    for (ColumnCorrelation one : all) {
      OptionalDouble p =
          Double.isNaN(one.pooled.getFirst().p())
              ? OptionalDouble.empty()
              : OptionalDouble.of(adjusted[next++]);
      result.add(new ColumnCorrelation(one.x, one.y, one.pooled, one.bootstrap, p, one.grouped));
    }
    return List.copyOf(result);
  }

  private static List<String> labels(List<Map<String, Object>> rows, String column) {
    requireColumn(rows, column);
    return rows.stream().map(row -> String.valueOf(row.get(column))).toList();
  }

  private static double[] numbers(List<Map<String, Object>> rows, String expression) {
    boolean logarithm = expression.startsWith("ln(") && expression.endsWith(")");
    String column = logarithm ? expression.substring(3, expression.length() - 1) : expression;
    requireColumn(rows, column);
    double[] numbers = new double[rows.size()];
    for (int i = 0; i < numbers.length; i++) {
      double value = number(rows.get(i).get(column), column, i);
      if (logarithm && value <= 0) {
        throw new IllegalArgumentException(
            "column '%s', row %d: the logarithm needs a value above 0, but it is %s"
                .formatted(column, i + 1, value));
      }
      numbers[i] = logarithm ? Math.log(value) : value;
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

  private static void requireColumn(List<Map<String, Object>> rows, String column) {
    List<String> known =
        rows.stream().flatMap(row -> row.keySet().stream()).distinct().sorted().toList();
    if (!known.contains(column)) {
      throw new IllegalArgumentException(
          "the table has no column '%s'; it has %s".formatted(column, String.join(", ", known)));
    }
  }
}
