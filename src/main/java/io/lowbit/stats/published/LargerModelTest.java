// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Interval;
import io.lowbit.stats.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Does a larger model at low bits beat a smaller one without, in no more memory? The share of such
 * pairs that the larger one wins, with Wilson's interval.
 *
 * @param where the score that decides, and the schemes
 * @param memory task whose figures are the memory
 */
record LargerModelTest(Selection where, String memory) implements FindingTest {
  private static final double EVEN = 0.5;

  @Override
  public Outcome test(Observations observations) {
    List<String> notes = new ArrayList<>();
    int wins = 0;
    for (Observation small : where.fullOf(observations.all())) {
      for (Observation large : where.of(observations.all())) {
        if (isLarger(large, small) && fits(large, small, observations)) {
          double gain = large.value() - small.value();
          wins += gain > 0 ? 1 : 0;
          notes.add(
              String.format(
                  Locale.ROOT,
                  "%s %s against %s: %+.1f points.",
                  large.model(),
                  large.scheme(),
                  small.model(),
                  100 * gain));
        }
      }
    }
    if (notes.isEmpty()) {
      return Outcome.notTested(
          "it needs a larger model at low bits that takes no more memory than a smaller one"
              + " without");
    }
    Interval interval = new Proportion(wins, notes.size()).wilson(Outcome.LEVEL);
    return new Outcome(
        Side.ABOVE.status(Optional.of(interval), EVEN),
        "share of pairs that the larger model wins",
        (double) wins / notes.size(),
        Optional.of(interval),
        notes.size(),
        "pairs",
        Side.ABOVE.rule(EVEN),
        List.copyOf(notes));
  }

  private static boolean isLarger(Observation large, Observation small) {
    return large.score().equals(small.score())
        && large.billions().orElse(0) > small.billions().orElse(Double.MAX_VALUE);
  }

  private boolean fits(Observation large, Observation small, Observations observations) {
    OptionalDouble needed = memoryOf(large, observations);
    OptionalDouble there = memoryOf(small, observations);
    return needed.isPresent() && there.isPresent() && needed.getAsDouble() <= there.getAsDouble();
  }

  private OptionalDouble memoryOf(Observation one, Observations observations) {
    return observations.all().stream()
        .filter(other -> other.task().equals(memory))
        .filter(other -> other.model().equals(one.model()) && other.scheme().equals(one.scheme()))
        .mapToDouble(Observation::value)
        .findFirst();
  }
}
