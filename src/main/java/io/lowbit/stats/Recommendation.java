// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.Candidate.Outcome;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What to use, by a rule: for a type of task and a memory budget the smallest configuration whose
 * adjusted equivalence test against its model's baseline passes. A pure function of the records.
 *
 * <p>Equivalence speaks within a model. Between models the rule takes the one with the most weights
 * that has its baseline or an equivalent configuration inside the budget; whether that is right at
 * equal memory is what {@link SizeAnswer} tests.
 *
 * @param settings level and margins
 * @param candidates every configuration smaller than its baseline, by type, model and size
 * @param baselines the baseline of each model, most weights first
 * @param choices one per type and budget, in the order of the types, then of the budgets
 * @param steps the same for every size at hand, of which only those are kept where the choice
 *     changes
 */
public record Recommendation(
    Comparison.Settings settings,
    List<Candidate> candidates,
    List<Configuration> baselines,
    List<Choice> choices,
    List<Choice> steps) {

  /** Columns that fit beside each other. */
  private static final int MOST_BUDGETS = 4;

  private static final double MEGABYTE = 1e6;

  /** What the rule says. */
  public enum Kind {
    /** A configuration smaller than its baseline is equivalent to it. */
    USE,
    /** A smaller one may be equivalent; more items would tell. */
    UNDECIDED,
    /** Every smaller one surely loses more than the margin. */
    BASELINE_ONLY,
    /** What fits surely loses more than the margin, and the baseline does not fit. */
    NONE_GOOD,
    /** No configuration is that small. */
    NOTHING_FITS
  }

  /**
   * The rule's answer.
   *
   * @param type of the tasks
   * @param budget in millions of bytes
   * @param kind of answer
   * @param candidate what to use, or the undecided one that the fewest items would decide
   * @param baseline what is safe if the candidate is not: the model's baseline, if it fits
   * @param largerUndecided undecided candidates of models with more weights that fit too
   */
  public record Choice(
      TaskType type,
      double budget,
      Kind kind,
      Optional<Candidate> candidate,
      Optional<Configuration> baseline,
      List<Candidate> largerUndecided) {

    private boolean isSameAs(Choice other) {
      return type.equals(other.type)
          && kind == other.kind
          && candidate.equals(other.candidate)
          && baseline.equals(other.baseline);
    }
  }

  /**
   * Applies the rule.
   *
   * @param budgetBytes memory for all weights; if empty the sizes of the baselines
   */
  static Recommendation of(
      TaskPools pools,
      Configurations configurations,
      Comparison.Settings settings,
      List<Long> budgetBytes) {
    List<Configuration> all = configurations.all();
    List<Configuration> baselines =
        all.stream()
            .filter(Configuration::isBaseline)
            .sorted(
                Comparator.comparingLong((Configuration one) -> -one.parameters())
                    .thenComparing(Configuration::model))
            .toList();
    Map<TaskType, List<Task>> types =
        pools.tasks().stream()
            .collect(Collectors.groupingBy(Task::type, TreeMap::new, Collectors.toList()));
    List<Candidate> candidates = new ArrayList<>();
    types.forEach((type, tasks) -> {
      List<Candidate> family =
          all.stream()
              .filter(one -> isSmaller(one, baselines))
              .flatMap(one -> Candidate.of(pools, type, tasks, one, settings).stream())
              .toList();
      candidates.addAll(Candidate.adjusted(pools, tasks, family, settings.level()));
    });
    List<Double> budgets =
        budgetBytes.isEmpty()
            ? thinned(baselines.stream().map(Configuration::megabytes).distinct().sorted().toList())
            : budgetBytes.stream().map(bytes -> bytes / MEGABYTE).distinct().sorted().toList();
    Recommendation rule =
        new Recommendation(settings, List.copyOf(candidates), baselines, List.of(), List.of());
    List<Double> sizes =
        List.copyOf(
            all.stream()
                .map(Configuration::megabytes)
                .collect(Collectors.toCollection(TreeSet::new)));
    List<Choice> choices = new ArrayList<>();
    List<Choice> steps = new ArrayList<>();
    for (TaskType type : types.keySet()) {
      budgets.forEach(budget -> choices.add(rule.choose(type, budget)));
      sizes.stream()
          .map(size -> rule.choose(type, size))
          .filter(step -> steps.isEmpty() || !steps.getLast().isSameAs(step))
          .forEach(steps::add);
    }
    return new Recommendation(
        settings, rule.candidates, baselines, List.copyOf(choices), List.copyOf(steps));
  }

  private static boolean isSmaller(Configuration one, List<Configuration> baselines) {
    return baselines.stream()
        .filter(base -> base.model().equals(one.model()))
        .anyMatch(base -> one.megabytes() < base.megabytes());
  }

  /** The smallest, the largest, and what lies evenly between. */
  private static List<Double> thinned(List<Double> sizes) {
    if (sizes.size() <= MOST_BUDGETS) {
      return sizes;
    }
    List<Double> kept = new ArrayList<>();
    for (int i = 0; i < MOST_BUDGETS; i++) {
      kept.add(sizes.get(Math.round(i * (sizes.size() - 1) / (MOST_BUDGETS - 1f))));
    }
    return kept;
  }

  /** The rule for one type and budget, in millions of bytes. */
  public Choice choose(TaskType type, double budget) {
    List<Candidate> larger = new ArrayList<>();
    boolean anyFits = false;
    for (Configuration base : baselines) {
      List<Candidate> fitting = fitting(type, base.model(), budget);
      Optional<Configuration> fallback =
          Optional.of(base).filter(one -> one.megabytes() <= budget && isAsked(type, one));
      anyFits |= !fitting.isEmpty() || fallback.isPresent();
      Optional<Candidate> safe = smallest(fitting);
      if (safe.isPresent()) {
        return new Choice(type, budget, Kind.USE, safe, fallback, List.copyOf(larger));
      }
      Optional<Candidate> open = nearest(fitting);
      if (fallback.isPresent()) {
        Kind kind = open.isPresent() ? Kind.UNDECIDED : Kind.BASELINE_ONLY;
        return new Choice(type, budget, kind, open, fallback, List.copyOf(larger));
      }
      open.ifPresent(larger::add);
    }
    if (larger.isEmpty()) {
      Kind kind = anyFits ? Kind.NONE_GOOD : Kind.NOTHING_FITS;
      return new Choice(type, budget, kind, Optional.empty(), Optional.empty(), List.of());
    }
    return new Choice(
        type,
        budget,
        Kind.UNDECIDED,
        Optional.of(larger.getFirst()),
        Optional.empty(),
        List.copyOf(larger.subList(1, larger.size())));
  }

  /** Whether the baseline was run on the type: then some candidate was, or there is none at all. */
  private boolean isAsked(TaskType type, Configuration base) {
    return candidates.stream().noneMatch(one -> isOf(one, base.model()))
        || candidates.stream().anyMatch(one -> isOf(one, base.model()) && one.type().equals(type));
  }

  private static boolean isOf(Candidate one, String model) {
    return one.configuration().model().equals(model);
  }

  private List<Candidate> fitting(TaskType type, String model, double budget) {
    return candidates.stream()
        .filter(one -> one.type().equals(type) && isOf(one, model) && one.megabytes() <= budget)
        .toList();
  }

  private static Optional<Candidate> smallest(List<Candidate> fitting) {
    return fitting.stream()
        .filter(one -> one.outcome() == Outcome.EQUIVALENT)
        .min(
            Comparator.comparingDouble(Candidate::megabytes)
                .thenComparingDouble(Candidate::adjustedP)
                .thenComparing(one -> one.configuration().scheme()));
  }

  private static Optional<Candidate> nearest(List<Candidate> fitting) {
    return fitting.stream()
        .filter(one -> one.outcome() == Outcome.UNDECIDED)
        .min(
            Comparator.comparingLong((Candidate one) -> one.itemsToDecide().orElse(Long.MAX_VALUE))
                .thenComparingDouble(Candidate::megabytes)
                .thenComparing(one -> one.configuration().scheme()));
  }

  /** The budgets, ascending. */
  public List<Double> budgets() {
    return choices.stream().map(Choice::budget).distinct().toList();
  }

  /** The types of task, in order. */
  public List<TaskType> types() {
    return choices.stream().map(Choice::type).distinct().toList();
  }

  /** The answer for a type and one of the budgets. */
  public Choice choice(TaskType type, double budget) {
    return choices.stream()
        .filter(one -> one.type().equals(type) && one.budget() == budget)
        .findFirst()
        .orElseThrow();
  }
}
