// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.SplittableRandom;

/**
 * Permutation test of "the differences are symmetric about 0": each keeps or changes its sign.
 *
 * @param draws sign assignments looked at
 * @param exact whether these were all 2ⁿ
 * @param twoSided assignments with a mean as far from 0 as seen
 * @param less assignments with a mean as low as seen
 */
public record SignFlips(long draws, boolean exact, long twoSided, long less) {
  private static final double TIE = 1e-12;

  /** Most differences for which all assignments are looked at. */
  public static final int EXACT_LIMIT = 20;

  /** All assignments of up to {@link #EXACT_LIMIT} differences, else seeded draws. */
  public static SignFlips of(double[] differences, int draws, long seed) {
    if (differences.length <= EXACT_LIMIT) {
      return exact(differences);
    }
    SplittableRandom random = new SplittableRandom(seed);
    int[][] signs = new int[draws][differences.length];
    for (int[] row : signs) {
      for (int i = 0; i < row.length; i++) {
        row[i] = random.nextBoolean() ? 1 : -1;
      }
    }
    return of(differences, signs);
  }

  /** With draws of ±1: [draws][differences]. */
  public static SignFlips of(double[] differences, int[][] signs) {
    double seen = Moments.mean(differences);
    long twoSided = 0;
    long less = 0;
    for (int[] row : signs) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += row[i] * differences[i];
      }
      double mean = sum / differences.length;
      twoSided += Math.abs(mean) >= Math.abs(seen) - TIE ? 1 : 0;
      less += mean <= seen + TIE ? 1 : 0;
    }
    return new SignFlips(signs.length, false, twoSided, less);
  }

  /** All assignments. */
  static SignFlips exact(double[] differences) {
    double seen = Moments.mean(differences);
    long assignments = 1L << differences.length;
    long twoSided = 0;
    long less = 0;
    for (long bits = 0; bits < assignments; bits++) {
      double sum = 0;
      for (int i = 0; i < differences.length; i++) {
        sum += (bits >> i & 1) == 0 ? differences[i] : -differences[i];
      }
      double mean = sum / differences.length;
      twoSided += Math.abs(mean) >= Math.abs(seen) - TIE ? 1 : 0;
      less += mean <= seen + TIE ? 1 : 0;
    }
    return new SignFlips(assignments, true, twoSided, less);
  }

  /** Two-sided p: k/total when exact, (k+1)/(B+1) when drawn. */
  public double p() {
    return share(twoSided);
  }

  /** One-sided p of "the mean is below 0". */
  public double pLess() {
    return share(less);
  }

  private double share(long count) {
    return exact ? (double) count / draws : (count + 1.0) / (draws + 1.0);
  }
}
