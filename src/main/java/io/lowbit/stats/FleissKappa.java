// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/** Agreement of several raters on levels without order, each item rated equally often. */
public final class FleissKappa {
  private FleissKappa() {}

  /**
   * Fleiss' κ (1971); NaN where all ratings are the same level.
   *
   * @param counts [items][levels] how many raters chose the level
   */
  public static double of(double[][] counts) {
    double raters = counts.length == 0 ? 0 : Moments.sum(counts[0]);
    if (raters < 2) {
      throw new IllegalArgumentException(
          "Fleiss' kappa needs an item with at least 2 ratings, but the first has " + raters);
    }
    double[] levels = new double[counts[0].length];
    double agreeing = 0;
    for (int i = 0; i < counts.length; i++) {
      if (Moments.sum(counts[i]) != raters) {
        throw new IllegalArgumentException(
            "Fleiss' kappa needs equally many ratings of each item, but item %d has %s, not %s; use"
                    .formatted(i, Moments.sum(counts[i]), raters)
                + " Krippendorff's alpha");
      }
      agreeing += (Moments.dot(counts[i], counts[i]) - raters) / (raters * (raters - 1));
      for (int k = 0; k < levels.length; k++) {
        levels[k] += counts[i][k] / (raters * counts.length);
      }
    }
    double chance = Moments.dot(levels, levels);
    return chance >= 1 ? Double.NaN : (agreeing / counts.length - chance) / (1 - chance);
  }
}
