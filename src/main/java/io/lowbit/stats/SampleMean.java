// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * Mean of independent items.
 *
 * @param n number of items
 * @param mean their mean
 * @param standardDeviation with n − 1, NaN for one item
 * @param standardError standardDeviation/√n, NaN for one item
 */
public record SampleMean(int n, double mean, double standardDeviation, double standardError) {

  /** Of finite values, at least one. */
  public static SampleMean of(double[] values) {
    Moments.requireFinite("values", values);
    if (values.length == 0) {
      throw new IllegalArgumentException("a mean needs at least one item, but there is none");
    }
    return new SampleMean(
        values.length,
        Moments.mean(values),
        Moments.standardDeviation(values),
        Moments.standardError(values));
  }

  /** Student's interval with n − 1 degrees of freedom; none below two items. */
  public Optional<Interval> interval(double level) {
    return n < 2
        ? Optional.empty()
        : Optional.of(
            Interval.around(mean, standardError, Interval.tQuantile(level, n - 1), level));
  }
}
