// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Krippendorff's α: agreement of any number of raters, with missing ratings, on any scale. 1 is
 * perfect, 0 is chance.
 */
public final class KrippendorffAlpha {
  private KrippendorffAlpha() {}

  /** What the numbers of the ratings mean. */
  public enum Scale {
    /** Names. */
    NOMINAL,
    /** Ranks; the distance counts the ratings in between. */
    ORDINAL,
    /** Differences count. */
    INTERVAL,
    /** Ratios count, from a true zero. */
    RATIO
  }

  /**
   * Of ratings, NaN for a missing one; items with fewer than two are left out. NaN if all ratings
   * are equal.
   *
   * @param ratings [raters][items]
   */
  public static double of(double[][] ratings, Scale scale) {
    double[] levels =
        Arrays.stream(ratings)
            .flatMapToDouble(Arrays::stream)
            .filter(rating -> !Double.isNaN(rating))
            .sorted()
            .distinct()
            .toArray();
    double[][] coincidences = coincidences(ratings, levels);
    double[] totals = Arrays.stream(coincidences).mapToDouble(Moments::sum).toArray();
    double n = Moments.sum(totals);
    double observed = 0;
    double expected = 0;
    for (int i = 0; i < levels.length; i++) {
      for (int j = 0; j < levels.length; j++) {
        double distance = distance(scale, levels, totals, i, j);
        observed += coincidences[i][j] * distance;
        expected += totals[i] * totals[j] * distance;
      }
    }
    return expected == 0 ? Double.NaN : 1 - (n - 1) * observed / expected;
  }

  /** How often two levels were given to the same item, each item weighing its number of ratings. */
  private static double[][] coincidences(double[][] ratings, double[] levels) {
    double[][] pairs = new double[levels.length][levels.length];
    int items = ratings.length == 0 ? 0 : ratings[0].length;
    for (int item = 0; item < items; item++) {
      double[] counts = new double[levels.length];
      for (double[] rater : ratings) {
        if (!Double.isNaN(rater[item])) {
          counts[Arrays.binarySearch(levels, rater[item])]++;
        }
      }
      double given = Moments.sum(counts);
      if (given < 2) {
        continue;
      }
      for (int i = 0; i < levels.length; i++) {
        for (int j = 0; j < levels.length; j++) {
          pairs[i][j] += counts[i] * (counts[j] - (i == j ? 1 : 0)) / (given - 1);
        }
      }
    }
    return pairs;
  }

  private static double distance(Scale scale, double[] levels, double[] totals, int i, int j) {
    if (i == j) {
      return 0;
    }
    double gap =
        switch (scale) {
          case NOMINAL -> 1;
          case ORDINAL -> {
            int low = Math.min(i, j);
            int high = Math.max(i, j);
            yield Moments.sum(Arrays.copyOfRange(totals, low, high + 1))
                - (totals[i] + totals[j]) / 2;
          }
          case INTERVAL -> levels[i] - levels[j];
          case RATIO -> (levels[i] - levels[j]) / (levels[i] + levels[j]);
        };
    return gap * gap;
  }
}
