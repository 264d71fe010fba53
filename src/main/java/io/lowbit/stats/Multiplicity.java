// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Adjusted p-values of a stated family of tests. Holm is what a confirmatory table prints,
 * Benjamini-Hochberg what an exploratory one does.
 */
public final class Multiplicity {
  private Multiplicity() {}

  /** How to adjust. */
  public enum Method {
    BONFERRONI,
    SIDAK,
    HOLM,
    HOLM_SIDAK,
    HOCHBERG,
    HOMMEL,
    BENJAMINI_HOCHBERG,
    BENJAMINI_YEKUTIELI
  }

  /** Adjusted p-values in the order given; every p must be a number. */
  public static double[] adjust(Method method, double[] p) {
    for (int i = 0; i < p.length; i++) {
      if (!(p[i] >= 0 && p[i] <= 1)) {
        throw new IllegalArgumentException(
            "p[" + i + "] is " + p[i] + "; leave undefined tests out of the family");
      }
    }
    int[] order =
        IntStream.range(0, p.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> p[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] sorted = Arrays.stream(order).mapToDouble(i -> p[i]).toArray();
    double[] adjusted = ofSorted(method, sorted);
    double[] result = new double[p.length];
    for (int rank = 0; rank < p.length; rank++) {
      result[order[rank]] = Math.min(1, adjusted[rank]);
    }
    return result;
  }

  private static double[] ofSorted(Method method, double[] p) {
    int m = p.length;
    return switch (method) {
      case BONFERRONI -> scaled(p, rank -> m);
      case SIDAK -> Arrays.stream(p).map(each -> sidak(each, m)).toArray();
      case HOLM -> stepDown(scaled(p, rank -> m - rank));
      case HOLM_SIDAK ->
          stepDown(IntStream.range(0, m).mapToDouble(i -> sidak(p[i], m - i)).toArray());
      case HOCHBERG -> stepUp(scaled(p, rank -> m - rank));
      case HOMMEL -> hommel(p);
      case BENJAMINI_HOCHBERG -> stepUp(scaled(p, rank -> m / (rank + 1.0)));
      case BENJAMINI_YEKUTIELI -> {
        double harmonic = IntStream.rangeClosed(1, m).mapToDouble(i -> 1.0 / i).sum();
        yield stepUp(scaled(p, rank -> m * harmonic / (rank + 1.0)));
      }
    };
  }

  private interface Factor {
    double at(int rank);
  }

  private static double[] scaled(double[] p, Factor factor) {
    return IntStream.range(0, p.length).mapToDouble(rank -> p[rank] * factor.at(rank)).toArray();
  }

  private static double sidak(double p, int tests) {
    return -Math.expm1(tests * Math.log1p(-p));
  }

  private static double[] stepDown(double[] values) {
    for (int i = 1; i < values.length; i++) {
      values[i] = Math.max(values[i], values[i - 1]);
    }
    return values;
  }

  private static double[] stepUp(double[] values) {
    for (int i = values.length - 2; i >= 0; i--) {
      values[i] = Math.min(values[i], values[i + 1]);
    }
    return values;
  }

  /** Hommel (1988): the closed test of Simes' inequality, sizes from large to small. */
  private static double[] hommel(double[] p) {
    int n = p.length;
    double[] adjusted = p.clone();
    double[] q = new double[n];
    for (int size = n; size >= 2; size--) {
      // The hypotheses that surely belong to the worst subset of this size.
      int first = n - size + 1;
      double tail = Double.POSITIVE_INFINITY;
      for (int i = 2; i <= size; i++) {
        tail = Math.min(tail, size * p[first + i - 2] / i);
      }
      for (int i = 0; i < first; i++) {
        q[i] = Math.min(size * p[i], tail);
      }
      Arrays.fill(q, first, n, q[first - 1]);
      for (int i = 0; i < n; i++) {
        adjusted[i] = Math.max(adjusted[i], q[i]);
      }
    }
    return adjusted;
  }
}
