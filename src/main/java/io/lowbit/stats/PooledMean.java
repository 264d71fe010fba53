// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Several tasks' means as one.
 *
 * @param weightedMean weighted by items
 * @param weightedStandardError lm-eval's pooled formula; it ignores differences between tasks
 * @param macroMean every task the same weight
 * @param macroStandardError √Σ SE²/k
 */
public record PooledMean(
    double weightedMean,
    double weightedStandardError,
    double macroMean,
    double macroStandardError) {

  /** Of independent tasks' means, standard errors and item counts. */
  public static PooledMean of(double[] means, double[] standardErrors, int[] items) {
    Moments.requireSameLength(means, standardErrors);
    double total = 0;
    double sum = 0;
    double pooled = 0;
    double squares = 0;
    for (int i = 0; i < means.length; i++) {
      double n = items[i];
      double variance = standardErrors[i] * standardErrors[i];
      total += n;
      sum += n * means[i];
      pooled += n * (n - 1) * variance;
      squares += variance;
    }
    double tasks = means.length;
    return new PooledMean(
        sum / total,
        Math.sqrt(pooled / (total - tasks) / total),
        Moments.mean(means),
        Math.sqrt(squares) / tasks);
  }
}
