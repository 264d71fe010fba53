// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.TaskPools.Run;
import io.lowbit.stats.TaskPools.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one scheme costs one model over all scores, to be read over the models' sizes.
 *
 * @param configuration model and scheme
 * @param gain change of the mean score on the tasks that the baseline has, negative meaning worse
 * @param interval of the gain
 */
public record SizeTrend(Configuration configuration, MacroMean gain, Optional<Interval> interval) {

  /** One per configuration that has every score of its model's baseline. */
  static List<SizeTrend> of(TaskPools pools, Configurations configurations, double level) {
    List<SizeTrend> all = new ArrayList<>();
    for (Configuration one : configurations.all()) {
      Run run = new Run(one.model(), one.scheme());
      Optional<Run> baseline = pools.baseline(one.model());
      List<Task> asked =
          pools.tasks().stream()
              .filter(task -> !task.type().isText())
              .filter(task -> baseline.filter(pools.cells(task)::containsKey).isPresent())
              .toList();
      if (!one.isBaseline()
          && !asked.isEmpty()
          && asked.stream().allMatch(task -> pools.pair(task, run).isPresent())) {
        pools
            .pool(asked, List.of(run), TaskPools::gain)
            .mean()
            .ifPresent(mean ->
                all.add(new SizeTrend(one, mean, mean.interval(level).map(i -> i.cut(-1, 1)))));
      }
    }
    return List.copyOf(all);
  }
}
