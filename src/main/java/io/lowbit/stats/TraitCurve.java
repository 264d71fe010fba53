// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A score by a trait of the items, such as their length or the depth at which the answer lies, each
 * scheme pooled over models.
 *
 * @param task name of the task
 * @param trait name of the trait
 * @param scheme name of the scheme
 * @param points one per bin, ascending; all schemes of a task have the same bins
 */
public record TraitCurve(String task, String trait, String scheme, List<Point> points) {

  /**
   * A bin: each value where there are few of them, else a part of equal width.
   *
   * @param low smallest value that may lie in it
   * @param high largest one; equal to {@code low} for a single value
   * @param items number of different items
   * @param score mean over models
   * @param interval of it
   */
  public record Point(
      double low, double high, int items, double score, Optional<Interval> interval) {}

  /** Fewest items in every bin. */
  public static final int FEWEST_ITEMS = 10;

  private static final int MOST_VALUES = 6;
  private static final int PARTS = 4;

  private record Bin(double low, double high, boolean isLast) {
    boolean holds(double value) {
      return low == high
          ? value == low
          : value >= low && (value < high || (isLast && value <= high));
    }
  }

  /** Of every task whose items carry traits; none where a bin has too few items. */
  static List<TraitCurve> of(TaskPools pools, double level) {
    List<TraitCurve> all = new ArrayList<>();
    for (Task task : pools.tasks()) {
      if (!task.type().isText()) {
        Set<String> traits = new LinkedHashSet<>();
        pools.cells(task).values().forEach(cell -> traits.addAll(cell.example().traits()));
        traits.forEach(trait -> all.addAll(of(pools, task, trait, level)));
      }
    }
    return List.copyOf(all);
  }

  private static List<TraitCurve> of(TaskPools pools, Task task, String trait, double level) {
    Map<String, List<Cell>> bySchemes = new LinkedHashMap<>();
    TreeSet<Double> values = new TreeSet<>();
    for (Map.Entry<Run, Cell> entry : pools.cells(task).entrySet()) {
      if (!entry.getValue().isBroken()) {
        bySchemes
            .computeIfAbsent(entry.getKey().scheme(), _ -> new ArrayList<>())
            .add(entry.getValue());
        entry.getValue().items().stream()
            .map(item -> item.values().get(trait))
            .filter(Objects::nonNull)
            .forEach(values::add);
      }
    }
    List<Bin> bins = bins(values);
    if (bins.size() < 2) {
      return List.of();
    }
    List<TraitCurve> curves = new ArrayList<>();
    bySchemes.forEach((scheme, cells) -> {
      List<Point> points =
          bins.stream().flatMap(bin -> point(pools, cells, trait, bin, level).stream()).toList();
      if (points.size() == bins.size()) {
        curves.add(new TraitCurve(task.name(), trait, scheme, points));
      }
    });
    return curves;
  }

  private static List<Bin> bins(TreeSet<Double> values) {
    if (values.size() <= MOST_VALUES) {
      return values.stream().map(value -> new Bin(value, value, true)).toList();
    }
    double width = (values.last() - values.first()) / PARTS;
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < PARTS; i++) {
      boolean isLast = i == PARTS - 1;
      double high = isLast ? values.last() : values.first() + (i + 1) * width;
      bins.add(new Bin(values.first() + i * width, high, isLast));
    }
    return bins;
  }

  private static Optional<Point> point(
      TaskPools pools, List<Cell> cells, String trait, Bin bin, double level) {
    List<ClusteredEstimate> estimates = new ArrayList<>();
    for (Cell cell : cells) {
      List<ItemRecord> inside =
          cell.items().stream()
              .filter(item -> item.values().get(trait) != null)
              .filter(item -> bin.holds(item.values().get(trait)))
              .toList();
      if (inside.size() < FEWEST_ITEMS) {
        return Optional.empty();
      }
      estimates.add(ClusteredEstimate.ofScores(cell.select(inside)));
    }
    ClusteredEstimate pooled = ClusteredEstimate.mean(estimates);
    return pools
        .mean(List.of(pooled))
        .map(mean ->
            new Point(
                bin.low,
                bin.high,
                pooled.items().size(),
                mean.value(),
                mean.interval(level).map(interval -> interval.cut(0, 1))));
  }
}
