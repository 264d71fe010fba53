// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Kendall's τ with its null distributions.
 *
 * @param n number of pairs of values
 * @param score concordant minus discordant pairs of pairs
 * @param tiesX group sizes of equal x, singles included
 * @param tiesY group sizes of equal y, singles included
 */
record Kendall(int n, long score, int[] tiesX, int[] tiesY) {

  /** Up to here the null distribution is computed exactly if nothing is tied. */
  static final int EXACT_LIMIT = 50;

  static Kendall of(Pairs pairs) {
    double[] x = pairs.x();
    double[] y = pairs.y();
    long score = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        score += (long) Double.compare(x[i], x[j]) * Double.compare(y[i], y[j]);
      }
    }
    return new Kendall(x.length, score, Ranks.tieSizes(x), Ranks.tieSizes(y));
  }

  boolean hasTies() {
    return tiesX.length < n || tiesY.length < n;
  }

  /** τ-b, NaN if x or y is constant. */
  double tauB() {
    double all = n * (n - 1.0) / 2;
    double untiedX = all - pairsTied(tiesX);
    double untiedY = all - pairsTied(tiesY);
    return untiedX == 0 || untiedY == 0
        ? Double.NaN
        : Math.max(-1, Math.min(1, score / Math.sqrt(untiedX) / Math.sqrt(untiedY)));
  }

  /** τ-c (Stuart), for tables that are not square. */
  double tauC() {
    double classes = Math.min(tiesX.length, tiesY.length);
    return 2.0 * score * classes / ((double) n * n * (classes - 1));
  }

  /** Normal approximation with tie correction; NaN below three pairs. */
  double asymptoticP() {
    if (n < 3 || Double.isNaN(tauB())) {
      return Double.NaN;
    }
    double m = n * (n - 1.0);
    double variance =
        (m * (2.0 * n + 5) - spread(tiesX) - spread(tiesY)) / 18
            + 2 * pairsTied(tiesX) * pairsTied(tiesY) / m
            + triples(tiesX) * triples(tiesY) / (9 * m * (n - 2));
    return Distributions.normalTwoSided(score / Math.sqrt(variance));
  }

  /** Two-sided p from the number of permutations with as few inversions; needs no ties. */
  double exactP() {
    long inversionsPossible = (long) n * (n - 1) / 2;
    long discordant = (inversionsPossible - score) / 2;
    long fewer = Math.min(discordant, inversionsPossible - discordant);
    if (2 * fewer == inversionsPossible) {
      return 1;
    }
    // share[k]: part of the permutations of the first i elements that have k inversions.
    double[] share = new double[(int) fewer + 1];
    share[0] = 1;
    for (int i = 2; i <= n; i++) {
      double[] next = new double[share.length];
      for (int k = 0; k < next.length; k++) {
        for (int moved = 0; moved < i && moved <= k; moved++) {
          next[k] += share[k - moved] / i;
        }
      }
      share = next;
    }
    return Math.min(1, 2 * Moments.sum(share));
  }

  private static double pairsTied(int[] ties) {
    double sum = 0;
    for (double t : ties) {
      sum += t * (t - 1) / 2;
    }
    return sum;
  }

  private static double triples(int[] ties) {
    double sum = 0;
    for (double t : ties) {
      sum += t * (t - 1) * (t - 2);
    }
    return sum;
  }

  private static double spread(int[] ties) {
    double sum = 0;
    for (double t : ties) {
      sum += t * (t - 1) * (2 * t + 5);
    }
    return sum;
  }
}
