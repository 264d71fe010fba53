// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.RecordFile;
import io.lowbit.stats.ColumnCorrelation;
import io.lowbit.stats.Comparison;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lowbit correlate}: columns of a table, or results, against each other. */
@Command(
    name = "correlate",
    description = {
      "Correlates a column of a table with others.",
      "Result records become a table of models × schemes with a column TASK/METRIC for each metric.",
      "ln(COLUMN) is the natural logarithm of a column."
    },
    mixinStandardHelpOptions = true)
public final class CorrelateCommand implements Callable<Integer> {
  private static final double LEVEL = 0.95;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "CSV-or-RECORDS",
      description = "A table with a header, a JSONL file of result records, or a folder of them.")
  private Path place;

  @Option(names = "--x", required = true, paramLabel = "COLUMN", description = "First column.")
  private String x;

  @Option(
      names = "--y",
      required = true,
      arity = "1..*",
      paramLabel = "COLUMN",
      description = "Columns to correlate it with.")
  private List<String> ys;

  @Option(
      names = "--group",
      paramLabel = "COLUMN",
      description = "Column that names the group of a row, such as its model.")
  private Optional<String> group = Optional.empty();

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    List<ColumnCorrelation> result = ColumnCorrelation.of(rows(), x, ys, group, LEVEL);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatisticsJson.GSON.toJson(result));
    } else {
      StatisticsText.print(result, out);
    }
    out.flush();
    return 0;
  }

  private List<Map<String, Object>> rows() {
    if (Files.isDirectory(place)
        || (place.toString().endsWith(".jsonl")
            && Rows.read(place, 1).stream().anyMatch(CorrelateCommand::isRecord))) {
      return Comparison.of(RecordFile.read(place), Comparison.Settings.DEFAULT).table();
    }
    return Rows.read(place).stream().map(Row::values).toList();
  }

  /** Whether a row is a record rather than a line of some other table. */
  private static boolean isRecord(Row row) {
    return row.values().keySet().containsAll(List.of("schema", "key", "item", "metrics"));
  }
}
