// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Agreement of raters on a numeric scale, from the mean squares of a two-way table without missing
 * ratings (McGraw and Wong 1996).
 *
 * @param model which question it answers
 * @param average of the mean of all raters; else of a single one
 * @param value the coefficient
 * @param f its test statistic
 * @param numeratorDf degrees of freedom
 * @param denominatorDf degrees of freedom
 * @param interval at the level asked for
 */
public record IntraclassCorrelation(
    Model model,
    boolean average,
    double value,
    double f,
    double numeratorDf,
    double denominatorDf,
    Interval interval) {

  /** What counts as disagreement. */
  public enum Model {
    /** Each item has raters of its own. */
    ONE_WAY,
    /** The same raters everywhere, and a rater who is always higher disagrees. */
    AGREEMENT,
    /** The same raters everywhere, and only their order and spacing count. */
    CONSISTENCY
  }

  /** Two-sided p of "the items do not differ". */
  public double p() {
    return Distributions.fUpper(f, numeratorDf, denominatorDf);
  }

  /** Mean squares of the table, between items, between raters, of the rest, and within items. */
  private record MeanSquares(
      double n, double k, double items, double raters, double rest, double within) {

    static MeanSquares of(double[][] ratings) {
      int n = ratings.length;
      int k = n == 0 ? 0 : ratings[0].length;
      if (n < 2 || k < 2) {
        throw new IllegalArgumentException(
            "an intraclass correlation needs at least 2 items and 2 raters, but got %d and %d"
                .formatted(n, k));
      }
      double[] all = Arrays.stream(ratings).flatMapToDouble(Arrays::stream).toArray();
      Moments.requireFinite("rating", all);
      double[] itemMeans = Arrays.stream(ratings).mapToDouble(Moments::mean).toArray();
      double[] raterMeans = new double[k];
      for (int j = 0; j < k; j++) {
        for (double[] item : ratings) {
          raterMeans[j] += item[j] / n;
        }
      }
      double total = Moments.sumOfSquares(all);
      double items = k * Moments.sumOfSquares(itemMeans);
      double raters = n * Moments.sumOfSquares(raterMeans);
      return new MeanSquares(
          n,
          k,
          items / (n - 1),
          raters / (k - 1),
          (total - items - raters) / ((n - 1.0) * (k - 1)),
          (total - items) / (n * (k - 1.0)));
    }
  }

  /**
   * The six coefficients: each model for a single rater, then each for the mean of all.
   *
   * @param ratings [items][raters]
   */
  public static List<IntraclassCorrelation> all(double[][] ratings, double level) {
    MeanSquares squares = MeanSquares.of(ratings);
    List<IntraclassCorrelation> all = new ArrayList<>();
    for (boolean average : new boolean[] {false, true}) {
      all.add(oneWay(squares, average, level));
      all.add(agreement(squares, average, level));
      all.add(consistency(squares, average, level));
    }
    return List.copyOf(all);
  }

  private static IntraclassCorrelation oneWay(MeanSquares m, boolean average, double level) {
    return ofRatio(
        Model.ONE_WAY, average, m.k, m.items / m.within, m.n - 1, m.n * (m.k - 1), level);
  }

  private static IntraclassCorrelation consistency(MeanSquares m, boolean average, double level) {
    double df = m.n - 1;
    return ofRatio(Model.CONSISTENCY, average, m.k, m.items / m.rest, df, df * (m.k - 1), level);
  }

  /** Of models whose coefficient depends on one F ratio only, (F − 1)/(F + k − 1). */
  private static IntraclassCorrelation ofRatio(
      Model model, boolean average, double k, double f, double df1, double df2, double level) {
    double tail = (1 - level) / 2;
    double low = f / Distributions.fQuantile(1 - tail, df1, df2);
    double high = f * Distributions.fQuantile(1 - tail, df2, df1);
    Interval single = new Interval((low - 1) / (low + k - 1), (high - 1) / (high + k - 1), level);
    double value = (f - 1) / (f + k - 1);
    return of(model, average, k, value, f, df1, df2, single);
  }

  private static IntraclassCorrelation agreement(MeanSquares m, boolean average, double level) {
    double n = m.n;
    double k = m.k;
    double value = (m.items - m.rest) / (m.items + (k - 1) * m.rest + k * (m.raters - m.rest) / n);
    // Satterthwaite's degrees of freedom of the denominator.
    double raterRatio = m.raters / m.rest;
    double others = n * (1 + (k - 1) * value) - k * value;
    double top = k * value * raterRatio + others;
    double df =
        (k - 1)
            * (n - 1)
            * top
            * top
            / ((n - 1) * k * k * value * value * raterRatio * raterRatio + others * others);
    double tail = (1 - level) / 2;
    double lower = Distributions.fQuantile(1 - tail, n - 1, df);
    double upper = Distributions.fQuantile(1 - tail, df, n - 1);
    double spread = k * m.raters + (k * n - k - n) * m.rest;
    Interval single =
        new Interval(
            n * (m.items - lower * m.rest) / (lower * spread + n * m.items),
            n * (upper * m.items - m.rest) / (spread + n * upper * m.items),
            level);
    return of(
        Model.AGREEMENT, average, k, value, m.items / m.rest, n - 1, (n - 1) * (k - 1), single);
  }

  /** The mean of k raters follows from the single one by Spearman and Brown's formula. */
  private static IntraclassCorrelation of(
      Model model,
      boolean average,
      double k,
      double single,
      double f,
      double df1,
      double df2,
      Interval interval) {
    return new IntraclassCorrelation(
        model,
        average,
        average ? steppedUp(single, k) : single,
        f,
        df1,
        df2,
        average ? interval.map(end -> steppedUp(end, k)) : interval);
  }

  private static double steppedUp(double single, double k) {
    return k * single / (1 + (k - 1) * single);
  }
}
