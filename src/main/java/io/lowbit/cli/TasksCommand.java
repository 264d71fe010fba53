// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.task.DataRoot;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskDefinition;
import io.lowbit.task.TaskDescription;
import io.lowbit.task.TaskOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the tasks, and shows what a task asks. */
@Command(
    name = "tasks",
    description = "Lists the tasks; 'tasks show NAME' prints what one asks, byte for byte.",
    subcommands = TasksCommand.Show.class)
public final class TasksCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (String name : TaskCatalogue.names()) {
      TaskDefinition task = TaskCatalogue.find(name);
      out.printf("%-16s %-12s %s%n", name, task.type(), task.summary());
    }
    out.flush();
    return 0;
  }

  /** Prints one item's requests exactly as a model gets them. */
  @Command(name = "show", description = "Describes a task, or prints one of its items.")
  static final class Show implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "a task's name, or the path of a task file")
    private String task;

    @Option(names = "--item", description = "position in the data, counted from 0")
    private Optional<Integer> item;

    @Option(names = "--shots", description = "few-shot examples (default: the task file's)")
    private Optional<Integer> shots;

    @Option(
        names = "--fewshot-pool",
        paramLabel = "FIRST-LAST",
        description = "rows of the scored file that serve as examples and are not scored")
    private Optional<String> pool;

    @Option(names = "--data", description = "folder of the data sets (default: $LOWBIT_DATA)")
    private Optional<Path> data;

    @Option(names = "--allow-unpinned", description = "accept other data than the pinned release")
    private boolean allowUnpinned;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      TaskDefinition definition = TaskCatalogue.find(task);
      if (item.isEmpty()) {
        out.print(TaskDescription.of(definition));
      } else {
        TaskOptions options = TaskOptions.of(shots, pool);
        out.print(
            TaskDescription.ofItem(
                definition, DataRoot.of(data, allowUnpinned), options, item.get()));
      }
      out.flush();
      return 0;
    }
  }
}
