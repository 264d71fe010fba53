// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.CollectedResults;
import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Comparison;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How results are read and compared, for the commands that do. */
final class ResultOptions {
  @Option(
      names = "--baseline",
      paramLabel = "SCHEME",
      description =
          "Scheme to compare with; default: each model's scheme with the most bits, or the run of"
              + " lm-eval given first.")
  private Optional<String> baseline = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "Whose results those of lm-eval are, where the records are of several models.")
  private Optional<String> model = Optional.empty();

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

  /** What lies in the places. */
  CollectedResults read(List<Path> places) {
    return CollectedResults.read(places, model);
  }

  /** How to compare it. */
  Comparison.Settings settings(CollectedResults results) {
    return new Comparison.Settings(baseline.or(results::firstRun), 0.95, margin, perplexityMargin);
  }

  /**
   * Reads and compares what has items; what must be said of it goes to the log.
   *
   * @throws IllegalArgumentException if nothing has items
   */
  Comparison comparison(CollectedResults results, PrintWriter log) {
    results.notes().forEach(note -> log.println("Note: " + note));
    results
        .divergences()
        .forEach(
            one -> log.println("Note: " + one.name() + " is a table of llama.cpp without items."));
    List<ItemRecord> records = results.records();
    return Comparison.of(records, settings(results));
  }
}
