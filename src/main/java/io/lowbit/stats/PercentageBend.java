// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Percentage-bend correlation (Wilcox 1994): the outermost fifth of each variable is bent in, so a
 * collapsed scheme cannot make the coefficient alone.
 *
 * @param value the coefficient, NaN if a variable has no spread
 * @param p two-sided p by Student's t with n − 2 degrees of freedom
 */
public record PercentageBend(double value, double p) {
  private static final double BENT_SHARE = 0.2;

  /** Of complete pairs. */
  public static PercentageBend of(Pairs pairs) {
    double[] a = bent(pairs.x());
    double[] b = bent(pairs.y());
    double r = Moments.dot(a, b) / Math.sqrt(Moments.dot(a, a) * Moments.dot(b, b));
    return new PercentageBend(r, Correlation.tTestP(r, pairs.n() - 2));
  }

  private static double[] bent(double[] values) {
    int n = values.length;
    double median = Quantiles.median(values);
    double[] distances = new double[n];
    for (int i = 0; i < n; i++) {
      distances[i] = Math.abs(values[i] - median);
    }
    Arrays.sort(distances);
    double width = distances[(int) ((1 - BENT_SHARE) * n) - 1];
    double sum = 0;
    int below = 0;
    int above = 0;
    for (double value : values) {
      // More than four fifths equal the median: nothing is outside, all others bend fully.
      double scaled = width == 0 ? 0 : (value - median) / width;
      if (scaled < -1) {
        below++;
      } else if (scaled > 1) {
        above++;
      } else {
        sum += value;
      }
    }
    double center = (sum + width * (above - below)) / (n - below - above);
    double[] bent = new double[n];
    for (int i = 0; i < n; i++) {
      bent[i] = Math.max(-1, Math.min(1, (values[i] - center) / width));
    }
    return bent;
  }
}
