// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.report.ReportFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lowbit report}: the report of a results folder, made anew. */
@Command(
    name = "report",
    description = "Writes the report of a results folder again; runs nothing.",
    mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "The output folder of a study.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to (default: FOLDER/report.html).")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Path file = out == null ? folder.resolve("report.html") : out;
    ReportFile.write(folder, file);
    System.out.println(file);
    return 0;
  }
}
