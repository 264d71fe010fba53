// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.TaskPools.Pool;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A configuration smaller than its model's baseline, held against that baseline on one type of
 * task: paired by item, clustered, every task with the same weight.
 *
 * @param type of the tasks
 * @param configuration model, scheme and size
 * @param tasks number of tasks pooled
 * @param items number of items
 * @param gain change against the baseline, negative meaning worse; of a text −ln of the
 *     perplexity's ratio. None if an item has no finite value
 * @param interval of the gain
 * @param margin what counts as the same, on the scale of the gain
 * @param p of the two one-sided tests (TOST); NaN if undefined
 * @param adjustedP Holm's over all candidates of the type; NaN if undefined
 * @param itemsToDecide about how many items like these would show equivalence four times in five if
 *     there is no difference, after the adjustment at its strictest; only where it is undecided
 * @param smallestMargin the smallest margin that these items would show in the same way
 */
public record Candidate(
    TaskType type,
    Configuration configuration,
    int tasks,
    int items,
    Optional<MacroMean> gain,
    Optional<Interval> interval,
    double margin,
    double p,
    double adjustedP,
    OptionalLong itemsToDecide,
    OptionalDouble smallestMargin) {

  /** Level of every test and its power in planning. */
  public static final double ALPHA = 0.05;

  static final double POWER = 0.8;

  /** What test and interval allow to say. */
  public enum Outcome {
    /** The adjusted equivalence test passes. */
    EQUIVALENT,
    /** The whole interval lies beyond the margin, or an item has no finite value. */
    WORSE,
    /** The items at hand do not decide. */
    UNDECIDED
  }

  /** By the adjusted test, then by the interval. */
  public Outcome outcome() {
    if (adjustedP < ALPHA) {
      return Outcome.EQUIVALENT;
    }
    return gain.isEmpty() || interval.filter(i -> i.high() < -margin).isPresent()
        ? Outcome.WORSE
        : Outcome.UNDECIDED;
  }

  /** Size of all weights in millions of bytes. */
  public double megabytes() {
    return configuration.megabytes();
  }

  /** Holds a run against its baseline; empty unless both have every task of the baseline's. */
  static Optional<Candidate> of(
      TaskPools pools,
      TaskType type,
      Collection<Task> tasks,
      Configuration configuration,
      Comparison.Settings settings) {
    Run run = new Run(configuration.model(), configuration.scheme());
    Optional<Run> baseline = pools.baseline(run.model());
    List<Task> asked =
        tasks.stream()
            .filter(task -> baseline.filter(pools.cells(task)::containsKey).isPresent())
            .toList();
    if (asked.isEmpty() || !asked.stream().allMatch(task -> pools.pair(task, run).isPresent())) {
      return Optional.empty();
    }
    double margin = type.isText() ? settings.lnPerplexityMargin() : settings.scoreMargin();
    Pool pool = pools.pool(asked, List.of(run), TaskPools::gain);
    Optional<Interval> interval =
        pool.mean()
            .flatMap(mean -> mean.interval(settings.level()))
            .map(found -> type.isText() ? found : found.cut(-1, 1));
    return Optional.of(
        new Candidate(
            type,
            configuration,
            asked.size(),
            pool.mean().map(MacroMean::items).orElse(0),
            pool.mean(),
            interval,
            margin,
            pool.mean().map(mean -> equivalenceP(mean, margin)).orElse(Double.NaN),
            Double.NaN,
            OptionalLong.empty(),
            OptionalDouble.empty()));
  }

  private static double equivalenceP(MacroMean mean, double margin) {
    if (mean.standardError() == 0) {
      // Every window of a text has the same nats under both: nothing is left to chance.
      return Math.abs(mean.value()) < margin ? 0 : 1;
    }
    return Equivalence.of(mean.value(), mean.standardError(), mean.degreesOfFreedom(), margin).p();
  }

  /** Adjusts the tests of one type as a family and plans what they leave open. */
  static List<Candidate> adjusted(
      TaskPools pools, Collection<Task> tasks, List<Candidate> family, double level) {
    List<Candidate> tested = family.stream().filter(one -> !Double.isNaN(one.p)).toList();
    double[] p =
        Multiplicity.adjust(
            Multiplicity.Method.HOLM, tested.stream().mapToDouble(Candidate::p).toArray());
    List<Candidate> all = new ArrayList<>();
    int next = 0;
    for (Candidate one : family) {
      if (Double.isNaN(one.p)) {
        all.add(one);
        continue;
      }
      Candidate adjusted = one.with(p[next++], OptionalLong.empty(), OptionalDouble.empty());
      EquivalencePlan plan =
          new EquivalencePlan(
              one.estimates(pools, tasks), level, ALPHA / Math.max(1, tested.size()), POWER);
      all.add(
          adjusted.with(
              adjusted.adjustedP,
              adjusted.outcome() == Outcome.UNDECIDED
                  ? plan.itemsFor(one.margin)
                  : OptionalLong.empty(),
              plan.smallestMargin()));
    }
    return List.copyOf(all);
  }

  private List<ClusteredEstimate> estimates(TaskPools pools, Collection<Task> tasks) {
    Run run = new Run(configuration.model(), configuration.scheme());
    return tasks.stream()
        .flatMap(task -> pools.pair(task, run).stream())
        .map(TaskPools::gain)
        .toList();
  }

  private Candidate with(double adjusted, OptionalLong items, OptionalDouble smallest) {
    return new Candidate(
        type,
        configuration,
        tasks,
        this.items,
        gain,
        interval,
        margin,
        p,
        adjusted,
        items,
        smallest);
  }
}
