// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.report.AggregateTable;
import io.lowbit.report.TableText;
import io.lowbit.results.CollectedResults;
import io.lowbit.results.RecordTable;
import io.lowbit.results.ResultDatabase;
import io.lowbit.results.ResultTable;
import io.lowbit.stats.Comparison;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lowbit query}: SQL over records. */
@Command(
    name = "query",
    description = {
      "Answers a SELECT over result records (DuckDB's SQL).",
      "Tables: records, a row per item and metric; aggregates, a row per model, scheme, task and metric.",
      "'FROM (DESCRIBE records)' lists the columns of one."
    },
    mixinStandardHelpOptions = true)
public final class QueryCommand implements Callable<Integer> {
  private static final String FORMATS = "table, csv or json";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "SQL", description = "One SELECT statement.")
  private String sql;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "RECORDS",
      description = "Files of results, or folders of them; see 'compare'.")
  private List<Path> places;

  @Mixin private ResultOptions options;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = FORMATS + " (default: ${DEFAULT-VALUE}).")
  private String format;

  @Override
  public Integer call() {
    Function<ResultTable, String> text =
        switch (format) {
          case "table" -> TableText::aligned;
          case "csv" -> TableText::csv;
          case "json" -> TableText::json;
          default ->
              throw new ParameterException(
                  spec.commandLine(), "'%s' is no format; take %s".formatted(format, FORMATS));
        };
    CollectedResults results = options.read(places);
    Comparison comparison = options.comparison(results, spec.commandLine().getErr());
    PrintWriter out = spec.commandLine().getOut();
    try (ResultDatabase database =
        new ResultDatabase(
            List.of(RecordTable.of(results.records()), AggregateTable.of(comparison)))) {
      out.print(text.apply(database.select(sql)));
    }
    out.flush();
    return 0;
  }
}
