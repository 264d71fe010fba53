// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Each task's score and each text's perplexity, ready to be pooled over tasks and models. Scores
 * that are no share of items (marks from 1 to 10) have no common scale and are left out, and so are
 * shares of which less is better (stereotypes): they measure a bias, not an ability, and a model
 * that falls apart would seem to gain.
 */
final class TaskPools {

  /** A task seen as a score or as a text. */
  record Task(TaskType type, String name) implements Comparable<Task> {
    private static final Comparator<Task> ORDER =
        Comparator.comparing(Task::type).thenComparing(Task::name);

    @Override
    public int compareTo(Task other) {
      return ORDER.compare(this, other);
    }
  }

  /** A model under a scheme. */
  record Run(String model, String scheme) implements Comparable<Run> {
    private static final Comparator<Run> ORDER =
        Comparator.comparing(Run::model).thenComparing(Run::scheme);

    @Override
    public int compareTo(Run other) {
      return ORDER.compare(this, other);
    }
  }

  /** Two cells of one task with the same items. */
  record Pair(Cell base, Cell quant) {
    boolean isBroken() {
      return base.isBroken() || quant.isBroken();
    }
  }

  /** What a pair says. */
  interface Statistic {
    ClusteredEstimate of(Pair pair);
  }

  /**
   * A pooled statistic.
   *
   * @param mean the pool; none if nothing was paired or a value is not finite
   * @param tasks what it was pooled over
   * @param models the same
   * @param isBroken whether an item has no finite value
   */
  record Pool(Optional<MacroMean> mean, Set<Task> tasks, Set<String> models, boolean isBroken) {}

  private final Map<Task, Map<Run, Cell>> cells = new TreeMap<>();
  private final Map<String, String> baselines;
  private final double level;
  private final Set<String> leftOut = new TreeSet<>();
  private final Map<Task, Map<Run, Optional<Pair>>> pairs = new HashMap<>();

  TaskPools(List<Cell> all, Map<String, String> baselines, double level) {
    this.baselines = baselines;
    this.level = level;
    for (Cell cell : all) {
      if (cell.isTextPerplexity()) {
        add(TaskType.LANGUAGE_MODELLING, cell);
      } else if (cell.isScore() && cell.metric().isShare() && cell.metric().higherIsBetter()) {
        add(new TaskType(cell.example().taskType(), false), cell);
      } else if (cell.isScore()) {
        leftOut.add(cell.key().task());
      }
    }
  }

  private void add(TaskType type, Cell cell) {
    cells
        .computeIfAbsent(new Task(type, cell.key().task()), _ -> new TreeMap<>())
        .put(new Run(cell.key().model(), cell.key().scheme()), cell);
  }

  /** Tasks whose scores are no share of right items. */
  List<String> leftOut() {
    return List.copyOf(leftOut);
  }

  Collection<Task> tasks() {
    return cells.keySet();
  }

  Map<Run, Cell> cells(Task task) {
    return cells.get(task);
  }

  /** Every run that has a score or a text. */
  Set<Run> runs() {
    Set<Run> runs = new TreeSet<>();
    cells.values().forEach(byRun -> runs.addAll(byRun.keySet()));
    return runs;
  }

  boolean isBaseline(Run run) {
    return run.scheme().equals(baselines.get(run.model()));
  }

  /** The run that the others of its model are compared with. */
  Optional<Run> baseline(String model) {
    return Optional.ofNullable(baselines.get(model)).map(scheme -> new Run(model, scheme));
  }

  /** A run and its baseline on the items both have; empty if there are none. */
  Optional<Pair> pair(Task task, Run run) {
    return pairs
        .computeIfAbsent(task, _ -> new HashMap<>())
        .computeIfAbsent(run, _ -> baseline(run.model()).flatMap(base -> pair(task, base, run)));
  }

  /** Two runs on the items both have; empty if there are none. */
  Optional<Pair> pair(Task task, Run first, Run second) {
    Cell base = cells.get(task).get(first);
    Cell quant = cells.get(task).get(second);
    return base == null || quant == null
        ? Optional.empty()
        : base.sharedWith(quant).map(b -> new Pair(b, quant.sharedWith(b).orElseThrow()));
  }

  /**
   * Runs against their baselines: in each task the mean over runs, then the mean over tasks. A
   * value that is not finite leaves the pool undefined, as leaving it out would flatter the run.
   */
  Pool pool(Collection<Task> tasks, Collection<Run> runs, Statistic statistic) {
    List<ClusteredEstimate> estimates = new ArrayList<>();
    Set<Task> used = new LinkedHashSet<>();
    Set<String> models = new TreeSet<>();
    boolean isBroken = false;
    for (Task task : tasks) {
      List<ClusteredEstimate> ofTask = new ArrayList<>();
      for (Run run : runs) {
        Optional<Pair> pair = pair(task, run);
        if (pair.isPresent()) {
          used.add(task);
          models.add(run.model());
          if (pair.get().isBroken()) {
            isBroken = true;
          } else {
            ofTask.add(statistic.of(pair.get()));
          }
        }
      }
      if (!ofTask.isEmpty()) {
        estimates.add(ClusteredEstimate.mean(ofTask));
      }
    }
    return new Pool(isBroken ? Optional.empty() : mean(estimates), used, models, isBroken);
  }

  /** Pools what was computed per task. */
  Optional<MacroMean> mean(List<ClusteredEstimate> tasks) {
    return tasks.isEmpty() ? Optional.empty() : Optional.of(MacroMean.of(tasks, level));
  }

  /** Change of a score, negative meaning worse; of a text −ln of the perplexity's ratio. */
  static ClusteredEstimate gain(Pair pair) {
    if (pair.quant.isTextPerplexity()) {
      return ClusteredEstimate.lnPerplexity(pair.base)
          .minus(ClusteredEstimate.lnPerplexity(pair.quant));
    }
    return ClusteredEstimate.difference(pair.base, pair.quant, 1, 0);
  }

  /** What is left above chance, minus half of what the baseline has above it. */
  static ClusteredEstimate aboveHalf(Pair pair) {
    return ClusteredEstimate.difference(pair.base, pair.quant, 0.5, 0.5 * chance(pair.base));
  }

  /** Score of guessing; 0 where the task names none. */
  static double chance(Cell cell) {
    double chance = cell.metric().chance();
    return Double.isNaN(chance) ? 0 : chance;
  }
}
