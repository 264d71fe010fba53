// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordFile;
import io.lowbit.results.ScoreLines;
import io.lowbit.stats.Comparison;
import io.lowbit.table.Rows;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lowbit compare}: schemes against a baseline, item by item. */
@Command(
    name = "compare",
    description = {
      "Compares the schemes of result records with a baseline, item by item.",
      "Scores of other programs are read too: lines with task, item, scheme and score, and if known"
          + " model, cluster, choice and gold."
    },
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORDS",
      description = "JSONL files of result records, or folders of them.")
  private List<Path> places;

  @Option(
      names = "--baseline",
      paramLabel = "SCHEME",
      description = "Scheme to compare with; default: each model's scheme with the most bits.")
  private Optional<String> baseline = Optional.empty();

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

  @Option(names = "--json", description = "Print JSON instead of tables.")
  private boolean json;

  @Override
  public Integer call() {
    List<ItemRecord> records = places.stream().flatMap(place -> records(place).stream()).toList();
    Comparison comparison =
        Comparison.of(records, new Comparison.Settings(baseline, 0.95, margin, perplexityMargin));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatisticsJson.GSON.toJson(comparison));
    } else {
      StatisticsText.print(comparison, out);
    }
    out.flush();
    return 0;
  }

  private static List<ItemRecord> records(Path place) {
    boolean areScores =
        place.toString().endsWith(".jsonl")
            && Files.isRegularFile(place)
            && Rows.read(place, 1).stream().anyMatch(ScoreLines::isScoreLine);
    return areScores ? ScoreLines.read(place) : RecordFile.read(place);
  }
}
