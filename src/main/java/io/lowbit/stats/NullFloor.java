// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.SchemeParts;
import io.lowbit.stats.TaskPools.Pair;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The same models under the same scheme in two arithmetics: other base types, or other back-ends.
 * What differs between them is what noise looks like, and a difference of that size says nothing
 * about quantization.
 *
 * @param first name of the first scheme, the baseline if it is one of them
 * @param second name of the second
 * @param difference in what they differ, such as "base F32 against F16"
 * @param rows one per type of task
 */
public record NullFloor(String first, String second, String difference, List<Row> rows) {

  /**
   * One type of task.
   *
   * @param type of the tasks
   * @param models number of models
   * @param gain second minus first, pooled as {@link PooledChange} does
   * @param interval of the gain
   * @param flips items whose 0/1 score differs, if all are 0 or 1
   * @param pairs compared pairs of items
   */
  public record Row(
      TaskType type,
      int models,
      MacroMean gain,
      Optional<Interval> interval,
      Optional<Integer> flips,
      int pairs) {

    /** The largest change that the interval allows in either direction; NaN without one. */
    public double reach() {
      return interval.map(i -> Math.max(Math.abs(i.low()), Math.abs(i.high()))).orElse(Double.NaN);
    }
  }

  /** Every such pair; a third arithmetic is paired with the same first one. */
  static List<NullFloor> of(TaskPools pools, double level) {
    Map<Run, ItemRecord> examples = new TreeMap<>();
    for (Task task : pools.tasks()) {
      pools.cells(task).forEach((run, cell) -> examples.putIfAbsent(run, cell.example()));
    }
    Map<List<String>, Set<String>> pairs = new TreeMap<>(NullFloor::compare);
    examples.keySet().stream()
        .map(Run::model)
        .distinct()
        .forEach(model -> pairsOf(model, pools, examples, pairs));
    return pairs.entrySet().stream()
        .map(entry -> of(pools, entry.getKey(), entry.getValue(), level))
        .filter(floor -> !floor.rows.isEmpty())
        .toList();
  }

  private static int compare(List<String> a, List<String> b) {
    return String.join("\n", a).compareTo(String.join("\n", b));
  }

  /** Schemes of a model whose definitions agree in all but the arithmetic. */
  private static void pairsOf(
      String model,
      TaskPools pools,
      Map<Run, ItemRecord> examples,
      Map<List<String>, Set<String>> pairs) {
    Map<String, List<Run>> bySubstance =
        examples.keySet().stream()
            .filter(run -> run.model().equals(model))
            .collect(
                Collectors.groupingBy(
                    run -> substance(examples.get(run)), TreeMap::new, Collectors.toList()));
    bySubstance
        .values()
        .forEach(runs -> {
          Run first = runs.stream().filter(pools::isBaseline).findFirst().orElse(runs.getFirst());
          for (Run second : runs) {
            String difference = difference(examples.get(first), examples.get(second));
            if (!second.equals(first) && !difference.isEmpty()) {
              pairs
                  .computeIfAbsent(
                      List.of(first.scheme(), second.scheme(), difference),
                      _ -> new LinkedHashSet<>())
                  .add(model);
            }
          }
        });
  }

  /** The definition without the arithmetic; other weights are another model. */
  private static String substance(ItemRecord example) {
    return example.modelSha256() + SchemeParts.withoutBase(example.schemeJson());
  }

  private static String difference(ItemRecord a, ItemRecord b) {
    List<String> parts = new ArrayList<>();
    if (!a.base().equals(b.base())) {
      parts.add("base %s against %s".formatted(a.base(), b.base()));
    }
    if (!a.backend().equals(b.backend())) {
      parts.add("back-end %s against %s".formatted(a.backend(), b.backend()));
    }
    return String.join(", ", parts);
  }

  private static NullFloor of(
      TaskPools pools, List<String> names, Set<String> models, double level) {
    Map<TaskType, List<Task>> types =
        pools.tasks().stream()
            .collect(Collectors.groupingBy(Task::type, TreeMap::new, Collectors.toList()));
    List<Row> rows = new ArrayList<>();
    types.forEach(
        (type, tasks) -> row(pools, type, tasks, names, models, level).ifPresent(rows::add));
    return new NullFloor(names.get(0), names.get(1), names.get(2), List.copyOf(rows));
  }

  private static Optional<Row> row(
      TaskPools pools,
      TaskType type,
      List<Task> tasks,
      List<String> names,
      Set<String> models,
      double level) {
    List<ClusteredEstimate> estimates = new ArrayList<>();
    List<Pair> all = new ArrayList<>();
    for (Task task : tasks) {
      List<Pair> pairs =
          models.stream()
              .flatMap(model ->
                  pools
                      .pair(task, new Run(model, names.get(0)), new Run(model, names.get(1)))
                      .stream())
              .filter(pair -> !pair.isBroken())
              .toList();
      all.addAll(pairs);
      if (!pairs.isEmpty()) {
        estimates.add(ClusteredEstimate.mean(pairs.stream().map(TaskPools::gain).toList()));
      }
    }
    return pools
        .mean(estimates)
        .map(mean ->
            new Row(
                type,
                (int) all.stream().map(pair -> pair.base().key().model()).distinct().count(),
                mean,
                mean.interval(level).map(i -> type.isText() ? i : i.cut(-1, 1)),
                flips(all),
                all.stream().mapToInt(pair -> pair.base().items().size()).sum()));
  }

  private static Optional<Integer> flips(List<Pair> pairs) {
    int flips = 0;
    for (Pair pair : pairs) {
      double[] base = pair.base().numerators();
      double[] quant = pair.quant().numerators();
      if (!CellSummary.isBinary(base) || !CellSummary.isBinary(quant)) {
        return Optional.empty();
      }
      flips += PairedBinary.of(base, quant).discordant();
    }
    return Optional.of(flips);
  }
}
