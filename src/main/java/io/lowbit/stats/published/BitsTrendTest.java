// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.GroupedCorrelation;
import io.lowbit.stats.Interval;
import io.lowbit.stats.Pairs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Is there no trend of a score with the bits of the weights? Pearson's r within models and scores.
 * To show that there is none, the interval must be narrow: inside ±{@link #WEAK}.
 *
 * @param where what it looks at
 */
record BitsTrendTest(Selection where) implements FindingTest {
  /** A weaker correlation is no trend: a quarter of the variance. */
  static final double WEAK = 0.5;

  private static final int FULL_BITS = 16;

  @Override
  public Outcome test(Observations observations) {
    List<Observation> low =
        where.of(observations.all()).stream()
            .filter(one -> one.bits().weightBits().isPresent())
            .toList();
    if (low.isEmpty()) {
      return Outcome.notTested(where.missing(observations.all()));
    }
    List<Observation> all = new ArrayList<>(low);
    all.addAll(where.fullOf(observations.all()));
    Pairs pairs =
        new Pairs(
            all.stream().mapToDouble(one -> one.bits().weightBits().orElse(FULL_BITS)).toArray(),
            all.stream().mapToDouble(Observation::value).toArray());
    List<String> groups = all.stream().map(one -> one.model() + " " + one.score()).toList();
    GroupedCorrelation within = GroupedCorrelation.of(pairs, groups, Outcome.LEVEL);
    return new Outcome(
        status(within.interval()),
        "Pearson's r of bits and score within models",
        within.within(),
        within.interval(),
        within.n(),
        "configurations",
        "holds if the interval lies inside ±%s, fails if it excludes 0".formatted(WEAK),
        within.notes());
  }

  private static Status status(Optional<Interval> interval) {
    if (interval.isEmpty()) {
      return Status.UNDECIDED;
    }
    if (!interval.get().contains(0)) {
      return Status.FAILS;
    }
    boolean isNarrow = interval.get().low() > -WEAK && interval.get().high() < WEAK;
    return isNarrow ? Status.HOLDS : Status.UNDECIDED;
  }
}
