// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.stream.IntStream;

/**
 * Two variables seen on the same things.
 *
 * @param x first variable
 * @param y second variable, as long
 */
public record Pairs(double[] x, double[] y) {

  /** Checks the lengths. */
  public Pairs {
    Moments.requireSameLength(x, y);
  }

  /** The pairs in which neither value is missing (NaN). */
  public static Pairs complete(double[] x, double[] y) {
    Moments.requireSameLength(x, y);
    int[] kept =
        IntStream.range(0, x.length)
            .filter(i -> !Double.isNaN(x[i]) && !Double.isNaN(y[i]))
            .toArray();
    return new Pairs(x, y).select(kept);
  }

  /** Number of pairs. */
  public int n() {
    return x.length;
  }

  /** The pairs at these positions, which may repeat. */
  public Pairs select(int[] positions) {
    double[] chosenX = new double[positions.length];
    double[] chosenY = new double[positions.length];
    for (int i = 0; i < positions.length; i++) {
      chosenX[i] = x[positions[i]];
      chosenY[i] = y[positions[i]];
    }
    return new Pairs(chosenX, chosenY);
  }

  Pairs ranks() {
    return new Pairs(Ranks.of(x), Ranks.of(y));
  }

  /** Whether x or y has no spread. */
  boolean isConstant() {
    return Moments.isConstant(x) || Moments.isConstant(y);
  }

  /** Pearson's r; NaN below two pairs or without spread. */
  public double pearson() {
    if (n() < 2 || isConstant()) {
      return Double.NaN;
    }
    double[] dx = Moments.centered(x);
    double[] dy = Moments.centered(y);
    double r =
        Moments.dot(dx, dy) / Math.sqrt(Moments.dot(dx, dx)) / Math.sqrt(Moments.dot(dy, dy));
    return Math.max(-1, Math.min(1, r));
  }

  /** Spearman's ρ: Pearson's r of the mid-ranks. */
  public double spearman() {
    return ranks().pearson();
  }

  /** Kendall's τ-b. */
  public double kendall() {
    return Kendall.of(this).tauB();
  }
}
