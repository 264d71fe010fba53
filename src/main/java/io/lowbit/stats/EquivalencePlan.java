// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How many items an equivalence test over several tasks needs if there is no difference: (z_α +
 * z_{β/2})·SE ≤ margin, where SE² = Σ SE_t²/k² and a task's error falls with the root of its items.
 * The floor under the error of 0/1 scores falls with the items themselves, see {@link
 * ClusteredEstimate#standardError}.
 *
 * @param tasks each task's estimate with the items at hand
 * @param level that the floor is made for
 * @param alpha of each one-sided test
 * @param power to reach
 */
record EquivalencePlan(List<ClusteredEstimate> tasks, double level, double alpha, double power) {

  private static final double BEYOND_COUNTING = 1e7;
  private static final int HALVINGS = 60;

  private double quantiles() {
    return -Distributions.normalQuantile(alpha) - Distributions.normalQuantile((1 - power) / 2);
  }

  /** Standard error with a multiple of the items; NaN if a task has one cluster. */
  private double standardError(double multiple) {
    double variance = 0;
    for (ClusteredEstimate task : tasks) {
      double error = task.standardErrorOf(multiple, level);
      variance += error * error;
    }
    return Math.sqrt(variance) / tasks.size();
  }

  /** Smallest margin that the items at hand show; empty without an error. */
  OptionalDouble smallestMargin() {
    double error = standardError(1);
    return Double.isNaN(error) ? OptionalDouble.empty() : OptionalDouble.of(quantiles() * error);
  }

  /** About how many items in all show the margin; empty without an error or beyond counting. */
  OptionalLong itemsFor(double margin) {
    double items = tasks.stream().mapToInt(task -> task.items().size()).sum();
    double high = 1;
    while (!(quantiles() * standardError(high) <= margin)) {
      high *= 2;
      if (Double.isNaN(standardError(high)) || high * items > BEYOND_COUNTING) {
        return OptionalLong.empty();
      }
    }
    double low = 0;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (quantiles() * standardError(middle) <= margin) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return OptionalLong.of((long) Math.ceil(high * items - 1e-6));
  }
}
