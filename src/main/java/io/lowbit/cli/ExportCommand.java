// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.report.Exports;
import io.lowbit.results.CollectedResults;
import io.lowbit.stats.Comparison;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lowbit export}: records and their comparison for other programs. */
@Command(
    name = "export",
    description = {
      "Writes records and their comparison in the formats of other programs.",
      "csv, parquet, json: tables of records and of aggregates; lm-eval: results and samples as"
          + " lm-evaluation-harness writes them; markdown, latex: tables of scheme by task."
    },
    mixinStandardHelpOptions = true)
public final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RECORDS",
      description = "Files of results, or folders of them; see 'compare'.")
  private List<Path> places;

  @Mixin private ResultOptions options;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FOLDER",
      description = "Where to; files of the same name are replaced.")
  private Path folder;

  @Option(
      names = "--format",
      required = true,
      split = ",",
      paramLabel = "FORMAT",
      description = "csv, parquet, json, lm-eval, markdown or latex; several with commas.")
  private List<String> formats;

  @Option(
      names = "--date",
      paramLabel = "DATE",
      description =
          "Date in the names of lm-eval's files, such as 2026-01-31T12:00:00; default:"
              + " 1970-01-01T00:00:00, so that the same records make the same files.")
  private Optional<LocalDateTime> date = Optional.empty();

  @Override
  public Integer call() throws IOException {
    Set<Exports.Format> wanted = EnumSet.noneOf(Exports.Format.class);
    try {
      formats.forEach(format -> wanted.add(Exports.Format.of(format)));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    CollectedResults results = options.read(places);
    Comparison comparison = options.comparison(results, spec.commandLine().getErr());
    Exports.write(results.records(), comparison, wanted, date.orElse(Exports.NO_DATE), folder)
        .forEach(out::println);
    out.flush();
    return 0;
  }
}
