// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Strengths from won comparisons (Bradley and Terry 1952): P(i beats j) = e^(sᵢ)/(e^(sᵢ) + e^(sⱼ)).
 *
 * @param logStrengths sᵢ, summing to 0; all NaN where the wins do not determine them
 * @param logLikelihood of the wins; NaN likewise
 */
public record BradleyTerry(double[] logStrengths, double logLikelihood) {
  private static final int MAX_ITERATIONS = 1_000_000;

  /**
   * The maximum of the likelihood, by minorisation and maximisation (Hunter 2004). It exists only
   * if every system can be reached from every other by a chain of wins (Ford 1957).
   *
   * @param wins [i][j] how often i beat j; half a win each for a draw
   */
  public static BradleyTerry of(double[][] wins) {
    int n = wins.length;
    if (!isConnected(wins)) {
      double[] none = new double[n];
      Arrays.fill(none, Double.NaN);
      return new BradleyTerry(none, Double.NaN);
    }
    double[] strengths = new double[n];
    Arrays.fill(strengths, 1);
    double change = 1;
    for (int i = 0; i < MAX_ITERATIONS && change > 1e-15; i++) {
      double[] next = improved(wins, strengths);
      change = 0;
      for (int j = 0; j < n; j++) {
        change = Math.max(change, Math.abs(next[j] / strengths[j] - 1));
      }
      strengths = next;
    }
    double[] logs = Arrays.stream(strengths).map(Math::log).toArray();
    return new BradleyTerry(Moments.centered(logs), logLikelihood(wins, strengths));
  }

  private static double[] improved(double[][] wins, double[] strengths) {
    int n = wins.length;
    double[] next = new double[n];
    for (int i = 0; i < n; i++) {
      double won = 0;
      double weight = 0;
      for (int j = 0; j < n; j++) {
        if (i != j) {
          won += wins[i][j];
          weight += (wins[i][j] + wins[j][i]) / (strengths[i] + strengths[j]);
        }
      }
      next[i] = won / weight;
    }
    double scale = Moments.geometricMean(next);
    return Arrays.stream(next).map(s -> s / scale).toArray();
  }

  private static double logLikelihood(double[][] wins, double[] strengths) {
    double sum = 0;
    for (int i = 0; i < wins.length; i++) {
      for (int j = 0; j < wins.length; j++) {
        if (i != j && wins[i][j] > 0) {
          sum += wins[i][j] * Math.log(strengths[i] / (strengths[i] + strengths[j]));
        }
      }
    }
    return sum;
  }

  private static boolean isConnected(double[][] wins) {
    return reached(wins, false) == wins.length && reached(wins, true) == wins.length;
  }

  /** Number of systems in a chain of wins that starts (or, backwards, ends) at the first one. */
  private static int reached(double[][] wins, boolean backwards) {
    boolean[] seen = new boolean[wins.length];
    int[] queue = new int[wins.length];
    int filled = 1;
    seen[0] = true;
    for (int next = 0; next < filled; next++) {
      int i = queue[next];
      for (int j = 0; j < wins.length; j++) {
        if (!seen[j] && (backwards ? wins[j][i] : wins[i][j]) > 0) {
          seen[j] = true;
          queue[filled++] = j;
        }
      }
    }
    return filled;
  }
}
