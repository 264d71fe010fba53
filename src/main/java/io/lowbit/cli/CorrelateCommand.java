// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.RecordFile;
import io.lowbit.stats.ColumnCorrelation;
import io.lowbit.stats.ColumnTable;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.RowCondition;
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
      "A column may be an expression: ln(E), log2(E), mean(E,E,...), size(COLUMN) for names such as"
          + " 7B, and change(E), which is E minus E in the baseline row of the same group.",
      "A condition is COLUMN=VALUE or COLUMN=VALUE|VALUE, with != < <= > >= in place of =; several"
          + " are joined by &."
    },
    mixinStandardHelpOptions = true)
public final class CorrelateCommand implements Callable<Integer> {
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

  @Option(
      names = "--given",
      arity = "1..*",
      paramLabel = "COLUMN",
      description = "Columns whose linear part is taken out for a partial correlation.")
  private List<String> given = List.of();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = "Only rows that fulfil it; may be repeated, then all must hold.")
  private List<String> where = List.of();

  @Option(
      names = "--without",
      paramLabel = "CONDITION",
      description = "No rows that fulfil it; may be repeated.")
  private List<String> without = List.of();

  @Option(
      names = "--baseline",
      paramLabel = "CONDITION",
      description = "The row of each group that change(E) compares with.")
  private Optional<String> baseline = Optional.empty();

  @Option(
      names = "--level",
      paramLabel = "L",
      defaultValue = "0.95",
      description = "Coverage of the intervals (default: ${DEFAULT-VALUE}).")
  private double level;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    if (!(level > 0 && level < 1)) {
      throw new IllegalArgumentException("--level lies between 0 and 1, not " + level);
    }
    ColumnTable table = new ColumnTable(rows(), group, baseline.map(RowCondition::new));
    List<ColumnCorrelation> result =
        ColumnCorrelation.of(
            table,
            new ColumnCorrelation.Question(
                x, ys, given, conditions(where), conditions(without), level));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(StatisticsJson.GSON.toJson(result));
    } else {
      StatisticsText.print(result, out);
    }
    out.flush();
    return 0;
  }

  private static List<RowCondition> conditions(List<String> texts) {
    return texts.stream().map(RowCondition::new).toList();
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
