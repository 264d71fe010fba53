// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Sample quantiles of Hyndman and Fan (1996), types 1 to 9, and what is built on them. Type 7,
 * linear interpolation at p·(n−1), is the one used wherever no type is named.
 */
public final class Quantiles {
  private Quantiles() {}

  /** Type 7 quantile; NaN of nothing. */
  public static double quantile(double[] values, double p) {
    return quantile(values, p, 7);
  }

  /** Quantile of the given type, 1 to 9; NaN of nothing. */
  public static double quantile(double[] values, double p, int type) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return ofSorted(sorted, p, type);
  }

  /** Several type 7 quantiles with one sort. */
  public static double[] quantiles(double[] values, double... p) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return Arrays.stream(p).map(each -> ofSorted(sorted, each, 7)).toArray();
  }

  private static double ofSorted(double[] sorted, double p, int type) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("a quantile's level lies between 0 and 1, but got " + p);
    }
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double n = sorted.length;
    return switch (type) {
      case 1 -> at(sorted, Math.ceil(n * p));
      case 2 -> (at(sorted, Math.ceil(n * p)) + at(sorted, Math.floor(n * p) + 1)) / 2;
      // Half-way positions go to the even order statistic.
      case 3 -> at(sorted, Math.rint(n * p));
      case 4 -> between(sorted, n * p);
      case 5 -> between(sorted, n * p + 0.5);
      case 6 -> between(sorted, (n + 1) * p);
      case 7 -> between(sorted, (n - 1) * p + 1);
      case 8 -> between(sorted, (n + 1.0 / 3) * p + 1.0 / 3);
      case 9 -> between(sorted, (n + 0.25) * p + 0.375);
      default ->
          throw new IllegalArgumentException("quantile types run from 1 to 9, but got " + type);
    };
  }

  private static double at(double[] sorted, double position) {
    int index = (int) Math.max(1, Math.min(sorted.length, position));
    return sorted[index - 1];
  }

  private static double between(double[] sorted, double position) {
    double clamped = Math.max(1, Math.min(sorted.length, position));
    double below = Math.floor(clamped);
    double low = at(sorted, below);
    double fraction = clamped - below;
    return fraction == 0 ? low : low + fraction * (at(sorted, below + 1) - low);
  }

  /** Median. */
  public static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** Median absolute deviation from the median, not scaled. */
  public static double medianAbsoluteDeviation(double[] values) {
    double median = median(values);
    return median(Arrays.stream(values).map(v -> Math.abs(v - median)).toArray());
  }

  /** Distance between the type 7 quartiles. */
  public static double interquartileRange(double[] values) {
    double[] quartiles = quantiles(values, 0.25, 0.75);
    return quartiles[1] - quartiles[0];
  }

  /** Mean without the ⌊share·n⌋ smallest and largest values. */
  public static double trimmedMean(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int cut = (int) (share * sorted.length);
    return Moments.mean(Arrays.copyOfRange(sorted, cut, sorted.length - cut));
  }

  /** Mean with the ⌊share·n⌋ smallest and largest values pulled in to the next one. */
  public static double winsorizedMean(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int cut = (int) (share * sorted.length);
    for (int i = 0; i < cut; i++) {
      sorted[i] = sorted[cut];
      sorted[sorted.length - 1 - i] = sorted[sorted.length - 1 - cut];
    }
    return Moments.mean(sorted);
  }

  /**
   * Medcouple (Brys, Hubert and Struyf 2004): skewness that outliers cannot make. Every pair of a
   * value above and one below the median is looked at, so it is meant for up to some thousand
   * values. NaN of constant values.
   */
  public static double medcouple(double[] values) {
    if (Moments.isConstant(values)) {
      return Double.NaN;
    }
    double median = median(values);
    double[] above = Arrays.stream(values).filter(v -> v >= median).sorted().toArray();
    double[] below = Arrays.stream(values).filter(v -> v <= median).sorted().toArray();
    long ties = Arrays.stream(values).filter(v -> v == median).count();
    double[] kernel = new double[above.length * below.length];
    int count = 0;
    for (int i = 0; i < above.length; i++) {
      for (int j = 0; j < below.length; j++) {
        if (above[i] > below[j]) {
          kernel[count++] = ((above[i] - median) - (median - below[j])) / (above[i] - below[j]);
        } else {
          // Both equal the median: the tie rule of the paper.
          long fromEnd = below.length - 1L - j;
          kernel[count++] = Math.signum((double) (i + fromEnd - ties + 1));
        }
      }
    }
    return median(kernel);
  }
}
