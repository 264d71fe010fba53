// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import io.lowbit.testing.SmallStudies;
import io.lowbit.testing.StudyRecords;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** {@code query} and {@code export} from the command line. */
public final class QueryCommandTest {
  private Path own;

  @BeforeClass
  public void writeRecords() throws IOException {
    own =
        new StudyRecords()
            .scores(SmallStudies.run("m", "fp32"), SmallStudies.QUIZ, SmallStudies.answers(8, 10))
            .scores(SmallStudies.run("m", "w4"), SmallStudies.QUIZ, SmallStudies.answers(6, 10))
            .text(SmallStudies.run("m", "fp32"), "text", 10, 20, 22)
            .in(Files.createTempDirectory("query"));
  }

  /** A mean and a perplexity from values and weights, and an aggregate, by hand. */
  @Test
  public void answersOverBothTables() {
    String sql =
        "SELECT scheme, task, sum(value) / sum(weight) AS mean, count(*) AS n"
            + " FROM records GROUP BY ALL ORDER BY ALL";
    assertEquals(
        CommandRun.text(new QueryCommand(), sql, own.toString(), "--format=csv"),
        """
        scheme,task,mean,n
        fp32,quiz,0.8,10
        fp32,text,2.1,2
        w4,quiz,0.6,10
        """);
    JsonArray rows =
        CommandRun.json(
                new QueryCommand(),
                "SELECT effect, rightToWrong, verdict FROM aggregates WHERE scheme = 'w4'",
                own.toString(),
                "--format",
                "json")
            .getAsJsonArray();
    assertEquals(rows.size(), 1);
    assertEquals(CommandRun.at(rows, "0.effect").getAsDouble(), -0.2, 1e-12);
    assertEquals(CommandRun.at(rows, "0.rightToWrong").getAsInt(), 2);
    assertEquals(
        CommandRun.text(
            new QueryCommand(), "SELECT 12 AS n, 'x' AS name, NULL AS none", own.toString()),
        " n  name  none\n12  x        –\n");
  }

  /** JSON has no infinity; a query can make one. */
  @Test
  public void jsonStaysJson() {
    JsonArray rows =
        CommandRun.json(
                new QueryCommand(),
                "SELECT 1e308 * 10 AS big, [1.5] AS list, 1 AS a, 2 AS a",
                own.toString(),
                "--format=json")
            .getAsJsonArray();
    assertTrue(CommandRun.at(rows, "0.big").isJsonNull());
    assertEquals(CommandRun.at(rows, "0.list.0").getAsDouble(), 1.5);
    assertEquals(CommandRun.at(rows, "0.a_2").getAsInt(), 2);
  }

  private static String complaint(int exitCode, Object command, String... arguments) {
    StringWriter err = new StringWriter();
    CommandLine line = new CommandLine(command).setErr(new PrintWriter(err));
    line.setExecutionExceptionHandler(
        (exception, _, _) -> Failure.report(exception, false, new PrintWriter(err, true)));
    assertEquals(line.execute(arguments), exitCode, err.toString());
    return err.toString();
  }

  @Test
  public void saysWhatIsWrong() throws IOException {
    String records = own.toString();
    String column = complaint(1, new QueryCommand(), "SELECT protocl FROM records", records);
    assertTrue(column.contains("there is no column 'protocl'; the nearest are protocol"), column);
    String write = complaint(1, new QueryCommand(), "DELETE FROM records", records);
    assertTrue(write.contains("the query is not a SELECT"), write);
    String format = complaint(2, new QueryCommand(), "SELECT 1", records, "--format=xml");
    assertTrue(format.contains("'xml' is no format; take table, csv or json"), format);
    String export =
        complaint(2, new ExportCommand(), records, "--to", records, "--format=csv,excel");
    assertTrue(export.contains("'excel' is no format; take csv, parquet, json, lm-eval"), export);
    Path file = Files.createTempFile("no", "folder");
    String folder =
        complaint(1, new ExportCommand(), records, "--to", file.toString(), "--format=csv");
    assertTrue(folder.contains(file + ": the folder cannot be made"), folder);
  }
}
