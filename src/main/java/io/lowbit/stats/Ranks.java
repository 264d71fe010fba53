// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Ranks from 1, ties averaged. */
final class Ranks {
  private Ranks() {}

  static double[] of(double[] values) {
    int[] order = order(values);
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }

  /** Positions in ascending order of value, equal values in their original order. */
  static int[] order(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> values[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Sizes of the groups of equal values, singles included. */
  static int[] tieSizes(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int[] sizes = new int[sorted.length];
    int groups = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i > 0 && sorted[i] != sorted[i - 1]) {
        groups++;
      }
      sizes[groups]++;
    }
    return Arrays.copyOf(sizes, sorted.length == 0 ? 0 : groups + 1);
  }

  static boolean hasTies(double[] values) {
    return tieSizes(values).length < values.length;
  }
}
