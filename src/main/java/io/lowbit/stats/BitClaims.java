// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.SchemeChange.Axis;
import io.lowbit.stats.TaskPools.Pair;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The papers' findings about numbers of bits, each over all runs of the schemes in question. */
final class BitClaims {
  private final TaskPools pools;
  private final Map<String, SchemeChange> changes;
  private final Comparison.Settings settings;

  private BitClaims(
      TaskPools pools, Map<String, SchemeChange> changes, Comparison.Settings settings) {
    this.pools = pools;
    this.changes = changes;
    this.settings = settings;
  }

  /**
   * All of them.
   *
   * @param changes what each scheme changes, by its name
   */
  static List<Claim> of(
      TaskPools pools, Map<String, SchemeChange> changes, Comparison.Settings settings) {
    BitClaims claims = new BitClaims(pools, changes, settings);
    double margin = settings.scoreMargin();
    return List.of(
        claims.losesLess(Kind.WEIGHTS_8_LOSSLESS, is(Axis.WEIGHTS, 8), margin),
        claims.losesLess(
            Kind.ACTIVATIONS_8_LOSSLESS,
            is(Axis.ACTIVATIONS, 8).and(one -> one.weightBits().equals(OptionalInt.of(8))),
            margin),
        claims.losesLess(Kind.CACHE_8_LOSSLESS, is(Axis.CACHE, 8), margin),
        claims.losesLess(Kind.WEIGHTS_4_NEARLY, is(Axis.WEIGHTS, 4), Claim.NEARLY),
        claims.losesLess(Kind.CACHE_4_NEARLY, is(Axis.CACHE, 4), Claim.NEARLY),
        claims.collapses(Kind.WEIGHTS_2_COLLAPSE, is(Axis.WEIGHTS, 2)),
        claims.collapses(Kind.CACHE_2_COLLAPSE, is(Axis.CACHE, 2)),
        claims.losesMore(Kind.EMERGENT_LEAST, TaskType.EMERGENT),
        claims.losesMore(Kind.LONG_CONTEXT_LEAST, TaskType.LONG_CONTEXT),
        claims.cacheCostsMore());
  }

  private static Predicate<SchemeChange> is(Axis axis, int bits) {
    return change -> change.axis() == axis && change.bits().equals(OptionalInt.of(bits));
  }

  private List<Run> runs(Predicate<SchemeChange> wanted) {
    return pools.runs().stream()
        .filter(run -> pools.baseline(run.model()).isPresent() && !pools.isBaseline(run))
        .filter(run -> wanted.test(changes.get(run.scheme())))
        .toList();
  }

  private List<Task> tasks(Predicate<String> type) {
    return pools.tasks().stream()
        .filter(task -> !task.type().isText() && type.test(task.type().name()))
        .toList();
  }

  private static List<String> schemes(Collection<Run> runs) {
    return runs.stream().map(Run::scheme).distinct().sorted().toList();
  }

  private Claim losesLess(Kind kind, Predicate<SchemeChange> schemes, double margin) {
    List<Run> runs = runs(schemes);
    Optional<MacroMean> gain = pools.pool(tasks(_ -> true), runs, TaskPools::gain).mean();
    return Claim.above(kind, gain, -margin, settings.level(), schemes(runs));
  }

  private Claim collapses(Kind kind, Predicate<SchemeChange> schemes) {
    List<Run> runs = runs(schemes);
    Optional<MacroMean> left = pools.pool(tasks(_ -> true), runs, TaskPools::aboveHalf).mean();
    return Claim.below(kind, left, 0, settings.level(), schemes(runs));
  }

  /** One type against all that are neither emergent nor long-context, on the same runs. */
  private Claim losesMore(Kind kind, String type) {
    List<Task> ofType = tasks(type::equals);
    List<Task> rest =
        tasks(name -> !name.equals(TaskType.EMERGENT) && !name.equals(TaskType.LONG_CONTEXT));
    Predicate<SchemeChange> few =
        Stream.of(Axis.WEIGHTS, Axis.CACHE)
            .map(axis -> is(axis, 4).or(is(axis, 3)))
            .reduce(Predicate::or)
            .orElseThrow();
    List<Run> runs = runs(few).stream().filter(run -> ran(ofType, run) && ran(rest, run)).toList();
    Optional<MacroMean> own = pools.pool(ofType, runs, TaskPools::gain).mean();
    Optional<MacroMean> others = pools.pool(rest, runs, TaskPools::gain).mean();
    return Claim.below(
        kind, own.flatMap(one -> others.map(one::minus)), 0, settings.level(), schemes(runs));
  }

  private boolean ran(List<Task> tasks, Run run) {
    return tasks.stream().anyMatch(task -> pools.pair(task, run).isPresent());
  }

  /** At 4 bits, or at the next number of bits that both have. */
  private Claim cacheCostsMore() {
    for (int bits : new int[] {4, 3, 2, 8}) {
      List<Run> weights = runs(is(Axis.WEIGHTS, bits));
      List<Run> caches = runs(is(Axis.CACHE, bits));
      Optional<MacroMean> gap = gap(tasks(TaskType.LONG_CONTEXT::equals), caches, weights);
      if (gap.isPresent()) {
        List<String> names =
            Stream.concat(schemes(caches).stream(), schemes(weights).stream()).toList();
        return Claim.below(Kind.LONG_CONTEXT_CACHE, gap, 0, settings.level(), names);
      }
    }
    return Claim.notTested(Kind.LONG_CONTEXT_CACHE);
  }

  /** Gain under the first runs minus gain under the second, on the same items and models. */
  private Optional<MacroMean> gap(List<Task> tasks, List<Run> first, List<Run> second) {
    List<ClusteredEstimate> gaps = new ArrayList<>();
    for (Task task : tasks) {
      List<ClusteredEstimate> perModel = new ArrayList<>();
      for (String model : first.stream().map(Run::model).distinct().toList()) {
        List<ClusteredEstimate> own = gains(task, first, model);
        List<ClusteredEstimate> others = gains(task, second, model);
        if (!own.isEmpty() && !others.isEmpty()) {
          perModel.add(ClusteredEstimate.mean(own).minus(ClusteredEstimate.mean(others)));
        }
      }
      if (!perModel.isEmpty()) {
        gaps.add(ClusteredEstimate.mean(perModel));
      }
    }
    return pools.mean(gaps);
  }

  private List<ClusteredEstimate> gains(Task task, List<Run> runs, String model) {
    return runs.stream()
        .filter(run -> run.model().equals(model))
        .map(run -> pools.pair(task, run))
        .flatMap(Optional::stream)
        .filter(pair -> !pair.isBroken())
        .map((Pair pair) -> TaskPools.gain(pair))
        .toList();
  }
}
