// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Theil and Sen's line: the median of all pairwise slopes (Sen 1968, with his interval).
 *
 * @param slope median slope
 * @param intercept median(y) − slope·median(x)
 * @param jointIntercept median(y − slope·x)
 * @param slopeInterval interval of the slope from Kendall's null distribution, ties corrected
 */
public record RobustLine(
    double slope, double intercept, double jointIntercept, Interval slopeInterval) {

  /** Fits y on x; all NaN if x is constant. */
  public static RobustLine of(Pairs pairs, double level) {
    double[] slopes = slopes(pairs.x(), pairs.y());
    double slope = Quantiles.median(slopes);
    double[] rest = new double[pairs.n()];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = pairs.y()[i] - slope * pairs.x()[i];
    }
    return new RobustLine(
        slope,
        Quantiles.median(pairs.y()) - slope * Quantiles.median(pairs.x()),
        Quantiles.median(rest),
        interval(slopes, pairs, level));
  }

  private static double[] slopes(double[] x, double[] y) {
    double[] slopes = new double[x.length * x.length];
    int count = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x.length; j++) {
        if (x[i] > x[j]) {
          slopes[count++] = (y[i] - y[j]) / (x[i] - x[j]);
        }
      }
    }
    double[] found = Arrays.copyOf(slopes, count);
    Arrays.sort(found);
    return found;
  }

  private static Interval interval(double[] slopes, Pairs pairs, double level) {
    double n = pairs.n();
    double variance =
        (n * (n - 1) * (2 * n + 5)
                - spread(Ranks.tieSizes(pairs.x()))
                - spread(Ranks.tieSizes(pairs.y())))
            / 18;
    if (slopes.length == 0 || variance < 0) {
      return new Interval(Double.NaN, Double.NaN, level);
    }
    double half = Interval.normalQuantile(level) * Math.sqrt(variance);
    int upper = (int) Math.min(Math.rint((slopes.length + half) / 2), slopes.length - 1.0);
    int lower = (int) Math.max(Math.rint((slopes.length - half) / 2) - 1, 0);
    return new Interval(slopes[lower], slopes[upper], level);
  }

  private static double spread(int[] ties) {
    double sum = 0;
    for (double t : ties) {
      sum += t * (t - 1) * (2 * t + 5);
    }
    return sum;
  }
}
