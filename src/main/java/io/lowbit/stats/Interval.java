// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.function.DoubleUnaryOperator;

/**
 * A two-sided interval.
 *
 * @param low lower end
 * @param high upper end
 * @param level coverage it was built for, 0.95 for a 95 % interval
 */
public record Interval(double low, double high, double level) {

  /** Center plus and minus {@code quantile} standard errors. */
  static Interval around(double center, double standardError, double quantile, double level) {
    double half = quantile * standardError;
    return new Interval(center - half, center + half, level);
  }

  /** The normal quantile that leaves (1 − level)/2 above it. */
  static double normalQuantile(double level) {
    return -Distributions.normalQuantile((1 - level) / 2);
  }

  /** The t quantile that leaves (1 − level)/2 above it. */
  static double tQuantile(double level, double degreesOfFreedom) {
    return -Distributions.tQuantile((1 - level) / 2, degreesOfFreedom);
  }

  /** Both ends through an increasing function. */
  public Interval map(DoubleUnaryOperator increasing) {
    return new Interval(increasing.applyAsDouble(low), increasing.applyAsDouble(high), level);
  }

  /** Without what lies outside the values that are possible. */
  Interval cut(double lowest, double highest) {
    return map(end -> Math.max(lowest, Math.min(highest, end)));
  }

  /** Whether the value lies inside or on an end. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
