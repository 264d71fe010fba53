// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Every model under every scheme. Quality is pooled over the tasks that all models have, so that
 * two configurations never differ in what they were asked.
 *
 * @param all sorted by model, size (largest first) and scheme
 * @param scoreTasks tasks of the accuracy
 * @param texts texts of the perplexity, each with its protocol
 * @param isSameText whether all models count the same tokens, words or bytes in those texts: else
 *     their perplexities have different units and only compare within a model
 * @param incomplete configurations without one of the scores or texts
 */
public record Configurations(
    List<Configuration> all,
    List<String> scoreTasks,
    List<String> texts,
    boolean isSameText,
    List<String> incomplete) {

  static Configurations of(TaskPools pools, double level) {
    Set<String> models = pools.runs().stream().map(Run::model).collect(Collectors.toSet());
    List<Task> common =
        pools.tasks().stream().filter(task -> modelsOf(pools, task).containsAll(models)).toList();
    List<Task> scores = common.stream().filter(task -> !task.type().isText()).toList();
    List<Task> texts = common.stream().filter(task -> task.type().isText()).toList();
    List<Configuration> all =
        pools.runs().stream()
            .map(run -> configuration(pools, run, scores, texts, level))
            .sorted(Configurations::bySize)
            .toList();
    return new Configurations(
        all,
        scores.stream().map(Task::name).toList(),
        texts.stream().map(task -> text(pools, task)).toList(),
        texts.stream().allMatch(task -> isSameText(pools, task)),
        all.stream()
            .filter(one ->
                (!scores.isEmpty() && Double.isNaN(one.accuracy()))
                    || (!texts.isEmpty() && Double.isNaN(one.lnPerplexity())))
            .map(one -> one.model() + " under " + one.scheme())
            .toList());
  }

  private static int bySize(Configuration a, Configuration b) {
    int byModel = a.model().compareTo(b.model());
    int byBits = Double.compare(b.modelBits(), a.modelBits());
    return byModel != 0 ? byModel : byBits != 0 ? byBits : a.scheme().compareTo(b.scheme());
  }

  private static Set<String> modelsOf(TaskPools pools, Task task) {
    return pools.cells(task).keySet().stream().map(Run::model).collect(Collectors.toSet());
  }

  private static String text(TaskPools pools, Task task) {
    Set<String> protocols = new TreeSet<>();
    pools.cells(task).values().forEach(cell -> protocols.add(cell.example().protocol()));
    return task.name() + " (" + String.join("; ", protocols) + ")";
  }

  private static Configuration configuration(
      TaskPools pools, Run run, List<Task> scores, List<Task> texts, double level) {
    Optional<MacroMean> accuracy = mean(pools, run, scores);
    Optional<MacroMean> perplexity = mean(pools, run, texts);
    ItemRecord example =
        pools.tasks().stream()
            .map(task -> pools.cells(task).get(run))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow()
            .example();
    return new Configuration(
        run.model(),
        run.scheme(),
        example.modelParameters(),
        example.modelBits(),
        pools.isBaseline(run),
        accuracy.map(MacroMean::value).orElse(Double.NaN),
        accuracy.flatMap(mean -> mean.interval(level)).map(interval -> interval.cut(0, 1)),
        perplexity.map(MacroMean::value).orElse(Double.NaN),
        perplexity.flatMap(mean -> mean.interval(level)));
  }

  private static Optional<MacroMean> mean(TaskPools pools, Run run, List<Task> tasks) {
    List<ClusteredEstimate> estimates = new ArrayList<>();
    for (Task task : tasks) {
      Cell cell = pools.cells(task).get(run);
      if (cell == null || cell.isBroken()) {
        return Optional.empty();
      }
      estimates.add(
          task.type().isText()
              ? ClusteredEstimate.lnPerplexity(cell)
              : ClusteredEstimate.ofScores(cell));
    }
    return pools.mean(estimates);
  }

  private static boolean isSameText(TaskPools pools, Task task) {
    Map<String, Double> seen = new HashMap<>();
    for (Cell cell : pools.cells(task).values()) {
      double[] units = cell.units();
      for (int i = 0; i < units.length; i++) {
        Double other = seen.putIfAbsent(cell.items().get(i).item(), units[i]);
        if (other != null && other != units[i]) {
          return false;
        }
      }
    }
    return true;
  }

  /** Those with an accuracy. */
  List<Configuration> scored() {
    return all.stream().filter(one -> !Double.isNaN(one.accuracy())).toList();
  }

  /** Number of different models. */
  public long models() {
    return all.stream().map(Configuration::model).distinct().count();
  }
}
