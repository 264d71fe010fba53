// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * The monotone step function nearest to y, by pooling adjacent violators. Tied x are averaged
 * first; between knots it is linear, beyond the ends constant.
 *
 * @param knots distinct x in ascending order
 * @param values fitted value at each knot
 * @param fitted fitted value at each input, in their order
 * @param r2 1 − weighted squared error over weighted squares about the mean; NaN for constant y
 */
public record IsotonicRegression(double[] knots, double[] values, double[] fitted, double r2) {

  /** With equal weights. */
  public static IsotonicRegression of(double[] x, double[] y, boolean increasing) {
    return of(x, y, Perplexity.ones(x.length), increasing);
  }

  /** With positive weights. */
  public static IsotonicRegression of(
      double[] x, double[] y, double[] weights, boolean increasing) {
    Moments.requireSameLength(x, y);
    Moments.requireSameLength(x, weights);
    int[] order = Ranks.order(x);
    double[] knots = new double[x.length];
    double[] means = new double[x.length];
    double[] masses = new double[x.length];
    int count = 0;
    for (int i : order) {
      if (count == 0 || x[i] != knots[count - 1]) {
        knots[count++] = x[i];
      }
      masses[count - 1] += weights[i];
      means[count - 1] += weights[i] * y[i];
    }
    for (int k = 0; k < count; k++) {
      means[k] /= masses[k];
    }
    double sign = increasing ? 1 : -1;
    double[] values =
        pooled(
            Arrays.stream(means, 0, count).map(v -> sign * v).toArray(),
            Arrays.copyOf(masses, count));
    double[] oriented = Arrays.stream(values).map(v -> sign * v).toArray();
    IsotonicRegression curve =
        new IsotonicRegression(Arrays.copyOf(knots, count), oriented, new double[0], Double.NaN);
    double[] fitted = Arrays.stream(x).map(curve::at).toArray();
    return new IsotonicRegression(curve.knots, oriented, fitted, r2(y, fitted, weights));
  }

  /** Nearest increasing sequence: a value below its predecessor's block joins it. */
  private static double[] pooled(double[] means, double[] masses) {
    int n = means.length;
    double[] value = new double[n];
    double[] mass = new double[n];
    int[] size = new int[n];
    int blocks = 0;
    for (int i = 0; i < n; i++) {
      value[blocks] = means[i];
      mass[blocks] = masses[i];
      size[blocks] = 1;
      blocks++;
      while (blocks > 1 && value[blocks - 2] >= value[blocks - 1]) {
        double both = mass[blocks - 2] + mass[blocks - 1];
        value[blocks - 2] =
            (value[blocks - 2] * mass[blocks - 2] + value[blocks - 1] * mass[blocks - 1]) / both;
        mass[blocks - 2] = both;
        size[blocks - 2] += size[blocks - 1];
        blocks--;
      }
    }
    double[] result = new double[n];
    int filled = 0;
    for (int b = 0; b < blocks; b++) {
      Arrays.fill(result, filled, filled + size[b], value[b]);
      filled += size[b];
    }
    return result;
  }

  private static double r2(double[] y, double[] fitted, double[] weights) {
    double mean = Moments.dot(weights, y) / Moments.sum(weights);
    double rest = 0;
    double total = 0;
    for (int i = 0; i < y.length; i++) {
      rest += weights[i] * (y[i] - fitted[i]) * (y[i] - fitted[i]);
      total += weights[i] * (y[i] - mean) * (y[i] - mean);
    }
    return Moments.isConstant(y) ? Double.NaN : 1 - rest / total;
  }

  /** The curve at any x. */
  public double at(double x) {
    int found = Arrays.binarySearch(knots, x);
    if (found >= 0) {
      return values[found];
    }
    int above = -found - 1;
    if (above == 0 || above == knots.length) {
      return values[Math.min(above, knots.length - 1)];
    }
    double share = (x - knots[above - 1]) / (knots[above] - knots[above - 1]);
    return values[above - 1] + share * (values[above] - values[above - 1]);
  }
}
