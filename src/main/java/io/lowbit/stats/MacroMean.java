// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.List;
import java.util.Optional;

/**
 * Several tasks' estimates as one, every task with the same weight; tasks are independent.
 *
 * @param value mean over tasks
 * @param standardError √ΣSE²/k, NaN if a task has one cluster
 * @param degreesOfFreedom Welch's and Satterthwaite's, (ΣSE²)²/Σ(SE⁴/(G−1))
 * @param tasks number of tasks k
 * @param items number of items
 */
public record MacroMean(
    double value, double standardError, double degreesOfFreedom, int tasks, int items) {

  /** Of at least one task's estimate; the level decides what a task without any spread says. */
  static MacroMean of(List<ClusteredEstimate> tasks, double level) {
    double[] means = tasks.stream().mapToDouble(ClusteredEstimate::value).toArray();
    double[] errors = tasks.stream().mapToDouble(task -> task.standardError(level)).toArray();
    int[] items = tasks.stream().mapToInt(task -> task.items().size()).toArray();
    double squares = 0;
    double fourths = 0;
    int total = 0;
    for (int i = 0; i < means.length; i++) {
      double variance = errors[i] * errors[i];
      squares += variance;
      fourths += variance * variance / tasks.get(i).degreesOfFreedom();
      total += items[i];
    }
    PooledMean pooled = PooledMean.of(means, errors, items);
    return new MacroMean(
        pooled.macroMean(),
        pooled.macroStandardError(),
        squares * squares / fourths,
        means.length,
        total);
  }

  /** This minus an estimate from other tasks. */
  MacroMean minus(MacroMean other) {
    double own = standardError * standardError;
    double others = other.standardError * other.standardError;
    double variance = own + others;
    return new MacroMean(
        value - other.value,
        Math.sqrt(variance),
        variance
            * variance
            / (own * own / degreesOfFreedom + others * others / other.degreesOfFreedom),
        tasks + other.tasks,
        items + other.items);
  }

  /** Student's interval; none without a standard error. */
  public Optional<Interval> interval(double level) {
    if (Double.isNaN(standardError)) {
      return Optional.empty();
    }
    return Optional.of(
        standardError == 0
            ? new Interval(value, value, level)
            : Interval.around(
                value, standardError, Interval.tQuantile(level, degreesOfFreedom), level));
  }

  /** Two-sided p of "zero" by Student's t; NaN without a standard error. */
  public double p() {
    return standardError > 0
        ? Distributions.tTwoSided(value / standardError, degreesOfFreedom)
        : Double.NaN;
  }

  /** One-sided p of "not above −margin". */
  double notAbove(double margin) {
    if (standardError == 0) {
      return value > -margin ? 0 : 1;
    }
    return Distributions.tUpper((value + margin) / standardError, degreesOfFreedom);
  }
}
