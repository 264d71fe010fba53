// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Friedman's test: do several systems rank the same on the same items? Rank 1 is the best, ties
 * share their ranks, and the statistic is corrected for them.
 *
 * @param items number of items, n
 * @param averageRank of each system
 * @param chiSquared the statistic, k − 1 degrees of freedom; NaN if every item ties all systems
 */
public record Friedman(int items, double[] averageRank, double chiSquared) {

  /**
   * Ranks the systems on each item.
   *
   * @param scores [items][systems], larger is better
   */
  public static Friedman of(double[][] scores) {
    int n = scores.length;
    if (n < 2 || scores[0].length < 2) {
      throw new IllegalArgumentException(
          "Friedman's test needs at least 2 items and 2 systems, but got %d and %d"
              .formatted(n, n == 0 ? 0 : scores[0].length));
    }
    int k = scores[0].length;
    double[] rankSums = new double[k];
    double tied = 0;
    for (double[] item : scores) {
      double[] negative = new double[k];
      for (int j = 0; j < k; j++) {
        negative[j] = -item[j];
      }
      double[] ranks = Ranks.of(negative);
      for (int j = 0; j < k; j++) {
        rankSums[j] += ranks[j];
      }
      for (double t : Ranks.tieSizes(negative)) {
        tied += t * t * t - t;
      }
    }
    double squares = Moments.dot(rankSums, rankSums);
    double correction = 1 - tied / (n * (double) k * (k * k - 1.0));
    double plain = 12 * squares / (n * (double) k * (k + 1)) - 3.0 * n * (k + 1);
    double[] average = new double[k];
    for (int j = 0; j < k; j++) {
      average[j] = rankSums[j] / n;
    }
    return new Friedman(n, average, correction == 0 ? Double.NaN : plain / correction);
  }

  private int systems() {
    return averageRank.length;
  }

  /** P-value of the statistic. */
  public double p() {
    return Distributions.chiSquaredUpper(chiSquared, systems() - 1);
  }

  /** Kendall's coefficient of concordance W, from 0 to 1: do the items agree on the order? */
  public double concordance() {
    return chiSquared / (items * (systems() - 1.0));
  }

  /** Iman and Davenport's F (1980), less conservative; infinite if all items agree. */
  public double imanDavenport() {
    double rest = items * (systems() - 1.0) - chiSquared;
    return rest < 1e-12 * items ? Double.POSITIVE_INFINITY : (items - 1) * chiSquared / rest;
  }

  /** P-value of {@link #imanDavenport}. */
  public double imanDavenportP() {
    double f = imanDavenport();
    double df = systems() - 1.0;
    return Double.isInfinite(f) ? 0 : Distributions.fUpper(f, df, df * (items - 1));
  }

  /** Nemenyi's p of each pair of systems, by the studentized range; 1 on the diagonal. */
  public double[][] nemenyiP() {
    int k = systems();
    double unit = Math.sqrt(k * (k + 1.0) / (12.0 * items));
    double[][] p = new double[k][k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        p[i][j] = StudentizedRange.upper(Math.abs(averageRank[i] - averageRank[j]) / unit, k);
      }
    }
    return p;
  }

  /** Smallest difference of average ranks that Nemenyi's test calls one, at the given alpha. */
  public double criticalDifference(double alpha) {
    int k = systems();
    return StudentizedRange.quantile(1 - alpha, k) * Math.sqrt(k * (k + 1.0) / (12.0 * items));
  }
}
