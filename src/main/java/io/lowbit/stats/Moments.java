// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Sums and moments in double, two passes, compensated: a large offset in the data does not eat the
 * variance.
 */
public final class Moments {
  private Moments() {}

  /** Sum with Neumaier's compensation. */
  public static double sum(double[] values) {
    double sum = 0;
    double lost = 0;
    for (double value : values) {
      double next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? (sum - next) + value : (value - next) + sum;
      sum = next;
    }
    return Double.isFinite(lost) ? sum + lost : sum;
  }

  /** Mean; NaN of nothing. */
  public static double mean(double[] values) {
    return values.length == 0 ? Double.NaN : sum(values) / values.length;
  }

  /** The values minus their mean. */
  static double[] centered(double[] values) {
    double mean = mean(values);
    double[] centered = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      centered[i] = values[i] - mean;
    }
    // The mean itself is rounded; a second pass takes out what that left behind.
    double rest = mean(centered);
    for (int i = 0; i < centered.length; i++) {
      centered[i] -= rest;
    }
    return centered;
  }

  /** Mean of (value − mean)^power. */
  private static double centralMoment(double[] values, int power) {
    double[] powers = centered(values);
    for (int i = 0; i < powers.length; i++) {
      powers[i] = Math.pow(powers[i], power);
    }
    return mean(powers);
  }

  /** Sum of squares about the mean. */
  static double sumOfSquares(double[] values) {
    return isConstant(values) ? 0 : dot(centered(values), centered(values));
  }

  /** Variance with n in the denominator. */
  public static double populationVariance(double[] values) {
    return values.length == 0 ? Double.NaN : sumOfSquares(values) / values.length;
  }

  /** Variance with n − 1 in the denominator; NaN below two values. */
  public static double variance(double[] values) {
    return values.length < 2 ? Double.NaN : sumOfSquares(values) / (values.length - 1);
  }

  /** Standard deviation with n − 1; NaN below two values. */
  public static double standardDeviation(double[] values) {
    return Math.sqrt(variance(values));
  }

  /** Standard error of the mean, √(Σ(s−s̄)²/(n−1)/n); NaN below two values. */
  public static double standardError(double[] values) {
    return Math.sqrt(variance(values) / values.length);
  }

  /** Root mean square. */
  public static double rootMeanSquare(double[] values) {
    return Math.sqrt(dot(values, values) / values.length);
  }

  /** Geometric mean of positive values, NaN if one is not positive. */
  public static double geometricMean(double[] values) {
    double[] logs = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      logs[i] = values[i] > 0 ? Math.log(values[i]) : Double.NaN;
    }
    return Math.exp(mean(logs));
  }

  /** Skewness m₃/m₂^1.5; NaN of constant values. */
  public static double skewness(double[] values) {
    return isConstant(values)
        ? Double.NaN
        : centralMoment(values, 3) / Math.pow(centralMoment(values, 2), 1.5);
  }

  /** Skewness corrected for bias, √(n(n−1))/(n−2) times the plain one; NaN below three values. */
  public static double unbiasedSkewness(double[] values) {
    double n = values.length;
    return n < 3 ? Double.NaN : Math.sqrt(n * (n - 1)) / (n - 2) * skewness(values);
  }

  /** Excess kurtosis m₄/m₂² − 3; NaN of constant values. */
  public static double excessKurtosis(double[] values) {
    double m2 = centralMoment(values, 2);
    return isConstant(values) ? Double.NaN : centralMoment(values, 4) / (m2 * m2) - 3;
  }

  /** Excess kurtosis corrected for bias; NaN below four values. */
  public static double unbiasedExcessKurtosis(double[] values) {
    double n = values.length;
    return n < 4
        ? Double.NaN
        : (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excessKurtosis(values) + 6);
  }

  /** Whether all values are equal (also of one value or none). */
  static boolean isConstant(double[] values) {
    for (double value : values) {
      if (value != values[0]) {
        return false;
      }
    }
    return true;
  }

  static double dot(double[] a, double[] b) {
    double[] products = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      products[i] = a[i] * b[i];
    }
    return sum(products);
  }

  /** a − b, element by element, in double and unrounded. */
  static double[] difference(double[] a, double[] b) {
    requireSameLength(a, b);
    double[] difference = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  static void requireSameLength(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "paired values need equal lengths, but got "
              + a.length
              + " and "
              + b.length
              + "; match the items first");
    }
  }

  static void requireFinite(String name, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            name
                + "["
                + i
                + "] is "
                + values[i]
                + "; every value must be finite, leave missing items out");
      }
    }
  }
}
