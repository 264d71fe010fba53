// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Interval;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Does a quantity of one selection exceed that of another? Differences first − second of what both
 * have in common, and Student's interval of their mean.
 *
 * @param first one selection
 * @param second the other
 * @param over what both have in common
 * @param quantity what low bits do
 * @param side where the finding expects the difference from zero
 */
record PairedTest(Selection first, Selection second, Over over, Quantity quantity, Side side)
    implements FindingTest {

  /** What the members of a pair share. */
  enum Over {
    /** Model and task: the selections differ in schemes, metrics or details. */
    MODELS_AND_TASKS,
    /** The model: the selections differ in tasks. */
    MODELS,
    /** The task: the selections differ in models. */
    TASKS
  }

  @Override
  public Outcome test(Observations observations) {
    Samples one = Samples.of(first, quantity, observations);
    Samples other = Samples.of(second, quantity, observations);
    for (Selection side : List.of(first, second)) {
      if (Samples.of(side, quantity, observations).isEmpty()) {
        return Outcome.notTested(side.missing(observations.all()));
      }
    }
    Optional<Samples.Estimate> estimate = estimate(one, other);
    if (estimate.isEmpty()) {
      return Outcome.notTested("nothing here has both sides of the comparison");
    }
    Optional<Interval> interval = estimate.get().mean().interval(Outcome.LEVEL);
    return new Outcome(
        side.status(interval, 0),
        "difference of the " + quantity.words(),
        estimate.get().mean().mean(),
        interval,
        estimate.get().mean().n(),
        estimate.get().unit(),
        side.rule(0),
        interval.isEmpty() ? List.of("One pair has no interval.") : List.of());
  }

  private Optional<Samples.Estimate> estimate(Samples one, Samples other) {
    return switch (over) {
      case MODELS_AND_TASKS ->
          Optional.of(new Samples(differences(one.values(), other.values())))
              .filter(samples -> !samples.isEmpty())
              .map(Samples::estimate);
      case MODELS -> estimate(differences(one.byModel(), other.byModel()), "models");
      case TASKS -> estimate(differences(one.byTask(), other.byTask()), "tasks");
    };
  }

  private static Optional<Samples.Estimate> estimate(Map<String, Double> values, String unit) {
    return values.isEmpty()
        ? Optional.empty()
        : Optional.of(Samples.estimate(values.values(), unit));
  }

  private static <K> Map<K, Double> differences(Map<K, Double> one, Map<K, Double> other) {
    Map<K, Double> differences = new TreeMap<>(one);
    differences.keySet().retainAll(other.keySet());
    differences.replaceAll((key, value) -> value - other.get(key));
    return differences;
  }
}
