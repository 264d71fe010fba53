// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Two expressions over the columns of a table (see {@link ColumnTable}) against each other. A row
 * in which one is missing is left out of the pairs.
 *
 * @param x first expression
 * @param y second expression
 * @param pooled Pearson, Spearman, Kendall over all complete rows
 * @param bootstrap BCa interval of Pearson's r over rows; none below {@link Correlation#FEW} rows
 * @param adjustedP Holm-adjusted p of Pearson's r over all y asked for; empty if undefined
 * @param discoveryP the same by Benjamini and Hochberg
 * @param details further forms of the same association
 * @param partial with other expressions taken out, if any were named
 * @param grouped inside and between groups, if a group column was named
 * @param prediction whether x foretells y, if both are changes against a baseline
 */
public record ColumnCorrelation(
    String x,
    String y,
    List<Correlation> pooled,
    Optional<Interval> bootstrap,
    OptionalDouble adjustedP,
    OptionalDouble discoveryP,
    Optional<Details> details,
    Optional<PartialCorrelation> partial,
    Optional<Groups> grouped,
    Optional<ChangePrediction> prediction) {

  /** Seed of the bootstrap and of permutations that are too many to look at all. */
  public static final long SEED = 20_240_620;

  /**
   * What to correlate, of which rows.
   *
   * @param x first expression
   * @param ys expressions to correlate it with
   * @param given expressions whose linear part is taken out for the partial correlation
   * @param where only rows that fulfil all of these
   * @param without no rows that fulfil one of these
   * @param level coverage of the intervals
   */
  public record Question(
      String x,
      List<String> ys,
      List<String> given,
      List<RowCondition> where,
      List<RowCondition> without,
      double level) {

    /** All rows, nothing taken out. */
    public static Question of(String x, List<String> ys, double level) {
      return new Question(x, ys, List.of(), List.of(), List.of(), level);
    }
  }

  /**
   * Further forms of an association, of pairs with spread.
   *
   * @param spearmanStudentP p of Spearman's ρ by Student's t, also where an exact one is given
   * @param kendallNormalP p of Kendall's τ-b by the normal approximation
   * @param theilSen line through the median of slopes
   * @param percentageBend correlation without the outermost fifths
   * @param line least squares; none below four pairs
   */
  public record Details(
      double spearmanStudentP,
      double kendallNormalP,
      RobustLine theilSen,
      PercentageBend percentageBend,
      Optional<RegressionLine> line) {}

  /**
   * What groups (models) change.
   *
   * @param correlation within, between, pooled
   * @param permutation y rearranged inside groups
   * @param perGroup coefficients of each group
   * @param withoutGroup Pearson's r with one group left out
   */
  public record Groups(
      GroupedCorrelation correlation,
      Permutations permutation,
      Map<String, Coefficients> perGroup,
      Map<String, Double> withoutGroup) {}

  /** The coefficients of n pairs. */
  public record Coefficients(int n, double pearson, double spearman, double kendall) {
    static Coefficients of(Pairs pairs) {
      return new Coefficients(pairs.n(), pairs.pearson(), pairs.spearman(), pairs.kendall());
    }
  }

  /**
   * Correlates x with each y.
   *
   * @throws IllegalArgumentException if a column is unknown, a field is no number, or no row is
   *     left
   */
  public static List<ColumnCorrelation> of(ColumnTable table, Question question) {
    int[] rows = rows(table, question);
    double[] xs = select(table.numbers(question.x), rows);
    double[][] given =
        question.given.stream()
            .map(name -> select(table.numbers(name), rows))
            .toArray(double[][]::new);
    Optional<List<String>> labels =
        table.group().map(table::labels).map(all -> IntStream.of(rows).mapToObj(all::get).toList());
    List<ColumnCorrelation> all = new ArrayList<>();
    for (String y : question.ys) {
      double[] ys = select(table.numbers(y), rows);
      all.add(new Sample(question, y, xs, ys, given, labels).correlate());
    }
    return adjusted(all);
  }

  /** Numbers of the rows that the conditions leave. */
  private static int[] rows(ColumnTable table, Question question) {
    boolean[] kept = new boolean[table.rows().size()];
    Arrays.fill(kept, true);
    for (RowCondition condition : question.where) {
      boolean[] holds = condition.test(table);
      IntStream.range(0, kept.length).forEach(i -> kept[i] &= holds[i]);
    }
    for (RowCondition condition : question.without) {
      boolean[] holds = condition.test(table);
      IntStream.range(0, kept.length).forEach(i -> kept[i] &= !holds[i]);
    }
    int[] rows = IntStream.range(0, kept.length).filter(i -> kept[i]).toArray();
    if (rows.length == 0 && kept.length > 0) {
      throw new IllegalArgumentException(
          "the conditions leave none of the table's %d rows".formatted(kept.length));
    }
    return rows;
  }

  private static double[] select(double[] values, int[] rows) {
    return IntStream.of(rows).mapToDouble(row -> values[row]).toArray();
  }

  /** The rows in question, with missing values. */
  private record Sample(
      Question question,
      String y,
      double[] xs,
      double[] ys,
      double[][] given,
      Optional<List<String>> labels) {

    ColumnCorrelation correlate() {
      int[] complete =
          IntStream.range(0, xs.length)
              .filter(i -> !Double.isNaN(xs[i]) && !Double.isNaN(ys[i]))
              .toArray();
      Pairs pairs = new Pairs(xs, ys).select(complete);
      Optional<List<String>> own =
          labels.map(all -> IntStream.of(complete).mapToObj(all::get).toList());
      boolean areChanges = isChange(question.x) && isChange(y);
      return new ColumnCorrelation(
          question.x,
          y,
          Correlation.all(pairs.x(), pairs.y(), question.level),
          bootstrap(pairs),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          details(pairs, own),
          partial(),
          own.map(names -> groups(pairs, names)),
          areChanges && pairs.n() > 0
              ? Optional.of(ChangePrediction.of(pairs, own))
              : Optional.empty());
    }

    private static boolean isChange(String expression) {
      return expression.strip().startsWith("change(");
    }

    private Optional<Interval> bootstrap(Pairs pairs) {
      if (pairs.n() < Correlation.FEW || pairs.isConstant()) {
        return Optional.empty();
      }
      return Optional.of(
          Bootstrap.of(
                  pairs.n(),
                  drawn -> pairs.select(drawn).pearson(),
                  Bootstrap.DEFAULT_REPLICATES,
                  SEED)
              .bca(question.level));
    }

    private Optional<Details> details(Pairs pairs, Optional<List<String>> names) {
      if (pairs.n() < 2 || pairs.isConstant()) {
        return Optional.empty();
      }
      return Optional.of(
          new Details(
              Correlation.tTestP(pairs.spearman(), pairs.n() - 2),
              Kendall.of(pairs).asymptoticP(),
              RobustLine.of(pairs, question.level),
              PercentageBend.of(pairs),
              RegressionLine.of(pairs, names, question.level)));
    }

    private Optional<PartialCorrelation> partial() {
      int[] complete =
          IntStream.range(0, xs.length)
              .filter(i ->
                  !Double.isNaN(xs[i])
                      && !Double.isNaN(ys[i])
                      && IntStream.range(0, given.length).noneMatch(k -> Double.isNaN(given[k][i])))
              .toArray();
      if (given.length == 0 || complete.length < given.length + 3) {
        return Optional.empty();
      }
      double[][] covariates = new double[given.length][];
      for (int k = 0; k < covariates.length; k++) {
        covariates[k] = select(given[k], complete);
      }
      return Optional.of(
          PartialCorrelation.of(
              select(xs, complete), select(ys, complete), covariates, question.level));
    }

    private Groups groups(Pairs pairs, List<String> names) {
      Map<String, Coefficients> per = new LinkedHashMap<>();
      GroupedCorrelation.split(pairs, names)
          .forEach((label, one) -> per.put(label, Coefficients.of(one)));
      Map<String, Double> without = new LinkedHashMap<>();
      GroupedCorrelation.leaveOneGroupOut(pairs, names)
          .forEach((label, rest) -> without.put(label, rest.pearson()));
      return new Groups(
          GroupedCorrelation.of(pairs, names, question.level),
          GroupedCorrelation.permute(pairs, names, Bootstrap.DEFAULT_REPLICATES, SEED),
          per,
          without);
    }
  }

  private static List<ColumnCorrelation> adjusted(List<ColumnCorrelation> all) {
    double[] family =
        all.stream()
            .mapToDouble(one -> one.pooled.getFirst().p())
            .filter(p -> !Double.isNaN(p))
            .toArray();
    double[] holm = Multiplicity.adjust(Multiplicity.Method.HOLM, family);
    double[] discovery = Multiplicity.adjust(Multiplicity.Method.BENJAMINI_HOCHBERG, family);
    List<ColumnCorrelation> result = new ArrayList<>();
    int next = 0;
    for (ColumnCorrelation one : all) {
      boolean isDefined = !Double.isNaN(one.pooled.getFirst().p());
      result.add(
          new ColumnCorrelation(
              one.x,
              one.y,
              one.pooled,
              one.bootstrap,
              isDefined ? OptionalDouble.of(holm[next]) : OptionalDouble.empty(),
              isDefined ? OptionalDouble.of(discovery[next]) : OptionalDouble.empty(),
              one.details,
              one.partial,
              one.grouped,
              one.prediction));
      next += isDefined ? 1 : 0;
    }
    return List.copyOf(result);
  }
}
