// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.study.Study;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lowbit eval}: one model on tasks of the catalogue. */
@Command(
    name = "eval",
    description = "Scores one model, under one or more schemes, on benchmark tasks.",
    mixinStandardHelpOptions = true)
public final class EvalCommand implements Callable<Integer> {
  @Mixin private StudyOptions options;

  @Mixin private SingleModelOptions model;

  @Option(
      names = "--tasks",
      required = true,
      split = ",",
      paramLabel = "TASK",
      description = "Names of tasks ('lowbit tasks' lists them) or paths of task files.")
  private List<String> tasks;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "Where the data sets lie (default: $$LOWBIT_DATA).")
  private Path data;

  @Option(names = "--limit", paramLabel = "N", description = "Score only the first N items.")
  private Integer limit;

  @Option(names = "--shots", paramLabel = "N", description = "Few-shot examples.")
  private Integer shots;

  @Override
  public Integer call() throws IOException {
    TaskOptions changes = TaskOptions.DEFAULT;
    changes = limit == null ? changes : changes.withLimit(limit);
    changes = shots == null ? changes : changes.withShots(shots);
    TaskOptions taskOptions = changes;
    List<Study.TaskEntry> entries =
        tasks.stream()
            .map(task -> new Study.TaskEntry(TaskCatalogue.find(task), taskOptions))
            .toList();
    return options.run(model.study("eval", entries, data));
  }
}
