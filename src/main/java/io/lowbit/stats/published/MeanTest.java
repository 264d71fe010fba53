// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Interval;
import java.util.List;
import java.util.Optional;

/**
 * Does the mean of a quantity lie on one side of a threshold? Student's interval over models.
 *
 * @param where what it is the mean of
 * @param quantity what low bits do
 * @param side where the finding expects it
 * @param threshold of the quantity
 */
record MeanTest(Selection where, Quantity quantity, Side side, double threshold)
    implements FindingTest {
  @Override
  public Outcome test(Observations observations) {
    Samples samples = Samples.of(where, quantity, observations);
    if (samples.isEmpty()) {
      return Outcome.notTested(where.missing(observations.all()));
    }
    Samples.Estimate estimate = samples.estimate();
    Optional<Interval> interval = estimate.mean().interval(Outcome.LEVEL);
    return new Outcome(
        side.status(interval, threshold),
        quantity.words(),
        estimate.mean().mean(),
        interval,
        estimate.mean().n(),
        estimate.unit(),
        side.rule(threshold),
        interval.isEmpty() ? List.of("One value has no interval.") : List.of());
  }
}
