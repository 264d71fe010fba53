// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Three questions and what the records answer: how many bits each type of task tolerates, whether
 * perplexity predicts accuracy, and whether a larger model at fewer bits beats a smaller one at
 * more. A pure function of the records, whatever their order.
 *
 * @param settings level and margins
 * @param changes what each scheme changes on each type of task, by type, then by what is low-bit
 * @param overall what each scheme changes over all scores, in the same order
 * @param tolerances fewest bits that each type tolerates
 * @param perplexity ln perplexity against accuracy
 * @param size sizes against quality
 * @param claims what the papers found, held against the records, in the order of {@link Claim.Kind}
 * @param leftOut tasks left out because their scores are no shares of right items
 */
public record Findings(
    Comparison.Settings settings,
    List<PooledChange> changes,
    List<PooledChange> overall,
    List<Tolerance> tolerances,
    PerplexityAnswer perplexity,
    SizeAnswer size,
    List<Claim> claims,
    List<String> leftOut) {

  /** The type under which all scores are pooled. */
  public static final TaskType ALL = new TaskType("all scores", false);

  /** From the records that were compared. */
  public static Findings of(List<ItemRecord> records, Comparison comparison) {
    return ofCells(Cell.of(records), comparison);
  }

  /** From the cells that were compared. */
  public static Findings ofCells(List<Cell> cells, Comparison comparison) {
    Comparison.Settings settings = comparison.settings();
    TaskPools pools = new TaskPools(cells, comparison.baselines(), settings.level());
    Map<String, SchemeChange> kinds = kinds(cells, comparison.baselines());
    Map<TaskType, List<Task>> types =
        pools.tasks().stream()
            .collect(Collectors.groupingBy(Task::type, TreeMap::new, Collectors.toList()));
    List<PooledChange> changes = new ArrayList<>();
    types.forEach((type, tasks) -> changes.addAll(changes(pools, type, tasks, kinds, settings)));
    List<Task> scores = pools.tasks().stream().filter(task -> !task.type().isText()).toList();
    Configurations configurations = Configurations.of(pools, settings.level());
    PerplexityAnswer perplexity = PerplexityAnswer.of(configurations, settings.level());
    SizeAnswer size = SizeAnswer.of(pools, configurations, settings.level());
    return new Findings(
        settings,
        List.copyOf(changes),
        changes(pools, ALL, scores, kinds, settings),
        Tolerance.of(changes),
        perplexity,
        size,
        Stream.concat(
                BitClaims.of(pools, kinds, settings).stream(),
                Stream.of(perplexity.claim(), size.claim()))
            .toList(),
        pools.leftOut());
  }

  /** By the scheme's name; where models disagree about it there is no one axis. */
  private static Map<String, SchemeChange> kinds(List<Cell> cells, Map<String, String> baselines) {
    Map<Run, String> definitions = new TreeMap<>();
    cells.forEach(cell ->
        definitions.put(
            new Run(cell.key().model(), cell.key().scheme()), cell.example().schemeJson()));
    Map<String, SchemeChange> kinds = new TreeMap<>();
    definitions.forEach((run, definition) -> {
      String baseline = baselines.get(run.model());
      if (baseline != null && !baseline.equals(run.scheme())) {
        SchemeChange change =
            SchemeChange.between(definitions.get(new Run(run.model(), baseline)), definition);
        kinds.merge(run.scheme(), change, (a, b) -> a.equals(b) ? a : SchemeChange.OTHER);
      }
    });
    return kinds;
  }

  private static List<PooledChange> changes(
      TaskPools pools,
      TaskType type,
      Collection<Task> tasks,
      Map<String, SchemeChange> kinds,
      Comparison.Settings settings) {
    Map<String, List<Run>> byScheme = new TreeMap<>();
    for (Run run : pools.runs()) {
      if (!pools.isBaseline(run)
          && tasks.stream().anyMatch(task -> pools.pair(task, run).isPresent())) {
        byScheme.computeIfAbsent(run.scheme(), _ -> new ArrayList<>()).add(run);
      }
    }
    return byScheme.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, List<Run>>, SchemeChange>comparing(
                    entry -> kinds.get(entry.getKey()))
                .thenComparing(Map.Entry::getKey))
        .map(entry ->
            PooledChange.of(
                pools, type, tasks, entry.getValue(), kinds.get(entry.getKey()), settings))
        .toList();
  }

  /** The types of task at hand. */
  public List<TaskType> types() {
    return changes.stream().map(PooledChange::type).distinct().toList();
  }

  /** What the papers found and the records say of it. */
  public Claim claim(Claim.Kind kind) {
    return claims.stream().filter(claim -> claim.kind() == kind).findFirst().orElseThrow();
  }
}
