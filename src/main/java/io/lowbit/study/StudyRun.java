// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Backends;
import io.lowbit.results.OutputLock;
import io.lowbit.results.RunLog;
import io.lowbit.task.Task;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs a study from its plan to its records. */
public final class StudyRun {
  private StudyRun() {}

  /**
   * How a study is run.
   *
   * @param out where plan and progress go
   * @param terminal whether that is a terminal
   * @param planOnly print the plan and stop
   * @param command what the user typed, for the log
   * @param version of Lowbit, for the log
   */
  public record Setting(
      PrintStream out, boolean terminal, boolean planOnly, String command, String version) {}

  /**
   * Plans the study, prints the plan, and scores what has no record yet.
   *
   * @throws RuntimeException with a sentence if the study cannot be planned or a unit fails;
   *     records written until then are kept
   */
  public static void run(Study study, Setting setting) {
    if (setting.planOnly()) {
      planAndRun(study, setting);
      return;
    }
    try (OutputLock _ = OutputLock.take(study.output())) {
      planAndRun(study, setting);
    }
  }

  private static void planAndRun(Study study, Setting setting) {
    Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    String backend = backendLine(study);
    setting.out().println(backend);
    try (Plan plan = Plan.of(study)) {
      plan.describe().forEach(setting.out()::println);
      if (setting.planOnly()) {
        plan.units().forEach(unit -> setting.out().println(planLine(unit)));
        return;
      }
      long items = plan.units().stream().mapToLong(unit -> unit.missing().size()).sum();
      try (Progress progress = new Progress(setting.out(), setting.terminal(), plan.tokens())) {
        new Runner(study, progress).run(plan.units());
      }
      double seconds = Duration.between(started, Instant.now()).toMillis() / 1000.0;
      RunLog.append(
          study.output(),
          new RunLog.Run(
              started.toString(),
              seconds,
              items,
              study.title(),
              study.baseline(),
              setting.command(),
              setting.version(),
              machine(),
              backend,
              notes(plan),
              plan.files()));
    }
  }

  private static String backendLine(Study study) {
    Backends.Choice choice =
        Backends.open(study.backend(), Optional.empty(), study.threads(), study.fast());
    try (Backend _ = choice.backend()) {
      return choice.reason();
    }
  }

  private static String planLine(Unit unit) {
    return "  %s: %,d of %,d items to score, %,d tokens"
        .formatted(unit.label(), unit.missing().size(), unit.task().items().size(), unit.tokens());
  }

  private static List<String> notes(Plan plan) {
    List<String> notes = new ArrayList<>(plan.exceptions());
    notes.addAll(plan.cuts());
    for (Task task : plan.units().stream().map(unit -> unit.task().task()).distinct().toList()) {
      task.notes().forEach(note -> notes.add(task.name() + ": " + note));
    }
    return notes;
  }

  private static String machine() {
    long memory =
        ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getTotalMemorySize();
    return "%d cores, %.0f GiB memory, %s %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            memory / 0x1p30,
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.version());
  }
}
