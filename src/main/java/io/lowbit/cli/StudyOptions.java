// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.report.ReportFile;
import io.lowbit.study.Study;
import io.lowbit.study.StudyRun;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command that runs a study has, whatever the study comes from. */
final class StudyOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(names = "--plan", description = "Print what would be done and stop.")
  private boolean planOnly;

  /** Runs the study and writes its report; the last line is the report's path. */
  int run(Study study) throws IOException {
    List<String> arguments = command.commandLine().getParseResult().originalArgs();
    String typed = "lowbit " + String.join(" ", arguments);
    StudyRun.run(
        study,
        new StudyRun.Setting(System.err, isTerminal(), planOnly, typed, Main.Version.line()));
    if (!planOnly) {
      Path report = study.output().resolve("report.html");
      ReportFile.write(study.output(), report);
      System.out.println(report);
    }
    return 0;
  }

  // Without a terminal the console is null or not, depending on the console provider.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
