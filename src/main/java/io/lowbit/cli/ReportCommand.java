// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.report.ReportFile;
import io.lowbit.report.SamplesShown;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

  @Option(
      names = "--budget-bytes",
      paramLabel = "N",
      split = ",",
      description = {
        "Memory for all weights; the report says what to use within it. Several with commas",
        "(default: the sizes of the models' baselines)."
      })
  private List<Long> budgetBytes = List.of();

  @Option(
      names = "--margin",
      paramLabel = "M",
      defaultValue = "0.01",
      description = "Difference of a score that counts as none (default: ${DEFAULT-VALUE}).")
  private double margin;

  @Option(
      names = "--perplexity-margin",
      paramLabel = "M",
      defaultValue = "0.01",
      description = "Same for ln perplexity (default: ${DEFAULT-VALUE}, which is 1 %%).")
  private double perplexityMargin;

  @Option(
      names = "--samples",
      paramLabel = "WHICH",
      defaultValue = "flips",
      description =
          "Items to look at one by one: flips (default; those whose answer turned right or wrong,"
              + " up to a limit), all or none.")
  private String samples;

  @Override
  public Integer call() throws IOException {
    Path file = out == null ? folder.resolve("report.html") : out;
    ReportFile.write(
        folder,
        file,
        new ReportFile.Wishes(budgetBytes, margin, perplexityMargin, SamplesShown.of(samples)));
    System.out.println(file);
    return 0;
  }
}
