// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.List;
import java.util.stream.Stream;

/**
 * Agreement of two raters, or of two models' answers, beyond chance (Cohen 1960, 1968).
 *
 * @param n number of items
 * @param observed agreement seen, weighted
 * @param expected agreement by chance, weighted
 * @param value κ = (observed − expected)/(1 − expected); NaN where chance alone agrees always
 * @param standardError for intervals (Fleiss, Cohen and Everitt 1969)
 * @param nullStandardError for the test of "no agreement beyond chance"
 */
public record CohenKappa(
    int n,
    double observed,
    double expected,
    double value,
    double standardError,
    double nullStandardError) {

  /** What two different levels count as. */
  public enum Weights {
    /** Disagreement, whichever they are. */
    NONE {
      @Override
      double agreement(double distance) {
        return distance == 0 ? 1 : 0;
      }
    },
    /** The less the further apart, 1 − d. */
    LINEAR {
      @Override
      double agreement(double distance) {
        return 1 - distance;
      }
    },
    /** 1 − d². */
    QUADRATIC {
      @Override
      double agreement(double distance) {
        return 1 - distance * distance;
      }
    };

    /** Of levels whose distance is given as a share of the largest one. */
    abstract double agreement(double distance);
  }

  /** Unweighted, over the levels that occur. */
  public static CohenKappa of(List<String> first, List<String> second) {
    List<String> levels = Stream.concat(first.stream(), second.stream()).distinct().toList();
    return of(first, second, levels, Weights.NONE);
  }

  /**
   * Of two ratings of each item.
   *
   * @param levels all levels in their order, those that do not occur included
   */
  public static CohenKappa of(
      List<String> first, List<String> second, List<String> levels, Weights weights) {
    if (first.size() != second.size() || first.isEmpty()) {
      throw new IllegalArgumentException(
          "agreement needs two ratings of each item, but got %d and %d"
              .formatted(first.size(), second.size()));
    }
    int k = levels.size();
    double[][] share = new double[k][k];
    for (int i = 0; i < first.size(); i++) {
      share[level(levels, first.get(i))][level(levels, second.get(i))] += 1.0 / first.size();
    }
    double[][] weight = new double[k][k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        weight[i][j] = weights.agreement(k == 1 ? 0 : Math.abs(i - j) / (k - 1.0));
      }
    }
    return of(first.size(), share, weight);
  }

  private static int level(List<String> levels, String rating) {
    int level = levels.indexOf(rating);
    if (level < 0) {
      throw new IllegalArgumentException("rating '" + rating + "' is none of the levels " + levels);
    }
    return level;
  }

  private static CohenKappa of(int n, double[][] share, double[][] weight) {
    int k = share.length;
    double[] rows = new double[k];
    double[] columns = new double[k];
    double observed = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        rows[i] += share[i][j];
        columns[j] += share[i][j];
        observed += weight[i][j] * share[i][j];
      }
    }
    double expected = 0;
    // Mean weight of a row's level against the columns' levels, and the other way round.
    double[] rowWeights = new double[k];
    double[] columnWeights = new double[k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        expected += weight[i][j] * rows[i] * columns[j];
        rowWeights[i] += weight[i][j] * columns[j];
        columnWeights[j] += weight[i][j] * rows[i];
      }
    }
    double rest = 1 - expected;
    if (rest < 1e-12) {
      return new CohenKappa(n, observed, expected, Double.NaN, Double.NaN, Double.NaN);
    }
    double kappa = (observed - expected) / rest;
    double seen = 0;
    double chance = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        double means = rowWeights[i] + columnWeights[j];
        double gap = weight[i][j] - means * (1 - kappa);
        seen += share[i][j] * gap * gap;
        chance += rows[i] * columns[j] * (weight[i][j] - means) * (weight[i][j] - means);
      }
    }
    double center = kappa - expected * (1 - kappa);
    double scale = rest * Math.sqrt(n);
    return new CohenKappa(
        n,
        observed,
        expected,
        kappa,
        Math.sqrt(Math.max(0, seen - center * center)) / scale,
        Math.sqrt(Math.max(0, chance - expected * expected)) / scale);
  }

  /** κ ± z·SE. */
  public Interval interval(double level) {
    return Interval.around(value, standardError, Interval.normalQuantile(level), level);
  }

  /** Two-sided p of "no agreement beyond chance". */
  public double p() {
    return Distributions.normalTwoSided(value / nullStandardError);
  }
}
