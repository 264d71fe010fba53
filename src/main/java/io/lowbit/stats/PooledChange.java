// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.TaskPools.Pair;
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
 * What a scheme changes on one type of task: paired per item, averaged over models, clustered
 * within each task, every task with the same weight. The interval is about other items; models and
 * tasks are taken as they are.
 *
 * @param type of the tasks
 * @param scheme name of the scheme
 * @param change what is low-bit in it
 * @param tasks the tasks pooled
 * @param models number of models pooled
 * @param modelsOfType number of models with a baseline on such tasks
 * @param gain pooled change of the score, negative meaning worse; of a text −ln of the perplexity's
 *     ratio. None if undefined
 * @param level of the interval
 * @param margin what counts as no loss, on the scale of the gain
 * @param retention what is left above chance, max((x − chance)/(base − chance), 0), averaged over
 *     models and then over tasks; empty if no baseline is above chance and for texts
 * @param belowChance pairs of model and task left out of the retention, as the baseline only
 *     guesses
 * @param isBroken whether an item has no finite value
 */
public record PooledChange(
    TaskType type,
    String scheme,
    SchemeChange change,
    List<String> tasks,
    int models,
    int modelsOfType,
    Optional<MacroMean> gain,
    double level,
    double margin,
    OptionalDouble retention,
    int belowChance,
    boolean isBroken) {

  /** What the interval and the margin allow to say. */
  public enum Outcome {
    /** Surely a smaller loss than the margin, if any. */
    TOLERATED,
    /** Surely a larger loss than the margin. */
    NOT_TOLERATED,
    /** The items at hand do not decide. */
    UNDECIDED
  }

  static final double ALPHA = 0.05;
  private static final double POWER = 0.8;
  private static final double BEYOND_COUNTING = 1e7;

  /** Pools a scheme over tasks of one type; its runs are those of the scheme, one per model. */
  static PooledChange of(
      TaskPools pools,
      TaskType type,
      Collection<Task> tasks,
      Collection<Run> runs,
      SchemeChange change,
      Comparison.Settings settings) {
    Pool pool = pools.pool(tasks, runs, TaskPools::gain);
    Retention retention = Retention.of(pools, tasks, runs);
    long withBaseline =
        tasks.stream()
            .flatMap(task -> pools.cells(task).keySet().stream())
            .filter(pools::isBaseline)
            .map(Run::model)
            .distinct()
            .count();
    return new PooledChange(
        type,
        runs.iterator().next().scheme(),
        change,
        pool.tasks().stream().map(Task::name).toList(),
        pool.models().size(),
        (int) withBaseline,
        pool.mean(),
        settings.level(),
        type.isText() ? settings.lnPerplexityMargin() : settings.scoreMargin(),
        retention.mean(),
        retention.belowChance(),
        pool.isBroken());
  }

  private record Retention(OptionalDouble mean, int belowChance) {
    static Retention of(TaskPools pools, Collection<Task> tasks, Collection<Run> runs) {
      List<Double> perTask = new ArrayList<>();
      int belowChance = 0;
      for (Task task : tasks) {
        List<Double> perModel = new ArrayList<>();
        for (Run run : runs) {
          Optional<Pair> pair = pools.pair(task, run).filter(Retention::isDefined);
          OptionalDouble left = pair.map(Retention::left).orElse(OptionalDouble.empty());
          left.ifPresent(perModel::add);
          belowChance += pair.isPresent() && left.isEmpty() ? 1 : 0;
        }
        average(perModel).ifPresent(perTask::add);
      }
      return new Retention(average(perTask), belowChance);
    }

    private static boolean isDefined(Pair pair) {
      Cell base = pair.base();
      return !pair.isBroken() && !base.isTextPerplexity();
    }

    private static OptionalDouble left(Pair pair) {
      double chance = TaskPools.chance(pair.base());
      double base = Moments.mean(pair.base().numerators()) - chance;
      double quant = Moments.mean(pair.quant().numerators()) - chance;
      return base > 0 ? OptionalDouble.of(Math.max(quant / base, 0)) : OptionalDouble.empty();
    }

    private static OptionalDouble average(List<Double> values) {
      return values.stream().mapToDouble(Double::doubleValue).average();
    }
  }

  /** Interval of the gain; none if undefined. */
  public Optional<Interval> interval() {
    return gain.flatMap(mean -> mean.interval(level))
        .map(interval -> type.isText() ? interval : interval.cut(-1, 1));
  }

  /** Number of items; 0 without a gain. */
  public int items() {
    return gain.map(MacroMean::items).orElse(0);
  }

  /** Change of the score, or ratio of the perplexities; NaN if undefined. */
  public double effect() {
    return gain.map(mean -> type.isText() ? Math.exp(-mean.value()) : mean.value())
        .orElse(Double.NaN);
  }

  /** Interval of the effect. */
  public Optional<Interval> effectInterval() {
    return type.isText()
        ? interval().map(i -> new Interval(Math.exp(-i.high()), Math.exp(-i.low()), i.level()))
        : interval();
  }

  /** One-sided p of "the loss reaches the margin"; NaN if undefined. */
  double p() {
    return gain.map(mean -> mean.notAbove(margin)).orElse(Double.NaN);
  }

  /** What is said if it is one of so many schemes of which the best is looked for. */
  Outcome outcome(int schemes) {
    if (p() * schemes < ALPHA) {
      return Outcome.TOLERATED;
    }
    return interval().filter(i -> i.high() < -margin).isPresent()
        ? Outcome.NOT_TOLERATED
        : Outcome.UNDECIDED;
  }

  /** What is said of this scheme alone. */
  public Outcome outcome() {
    return outcome(1);
  }

  /**
   * About how many items like these would decide four times in five if the change is as measured;
   * empty if it is decided, undefined, or so close to the margin that no such number helps.
   */
  public OptionalLong itemsToDecide() {
    if (outcome() != Outcome.UNDECIDED || gain.isEmpty() || !(gain.get().standardError() > 0)) {
      return OptionalLong.empty();
    }
    double distance = gain.get().value() + margin;
    double alpha = distance > 0 ? ALPHA : ALPHA / 2;
    double z = -Distributions.normalQuantile(alpha) - Distributions.normalQuantile(1 - POWER);
    double ratio = z * gain.get().standardError() / distance;
    double items = Math.ceil(gain.get().items() * ratio * ratio);
    return items < BEYOND_COUNTING ? OptionalLong.of((long) items) : OptionalLong.empty();
  }
}
