// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;
import picocli.CommandLine;

/** {@code compare} and {@code correlate} from files to output. */
public class StatisticsCommandsTest {
  private static final String RECORD =
      """
      {"schema":1,"key":"%1$s%2$s","model":"m","modelSha256":"a","modelParameters":10,\
      "scheme":"%1$s","schemeJson":"{}","base":"F32","weightBits":%3$s,"modelBits":%3$s,\
      "execution":"real","backend":"cpu","task":"qa","taskVersion":1,"taskType":"basic",\
      "protocol":"0-shot","dataSha256":"d","item":"%2$s","cluster":"%2$s",\
      "metrics":[{"name":"acc","aggregation":"MEAN","higherIsBetter":true,"chance":null}],\
      "values":{"acc":%4$s},"logLikelihoods":[],"prediction":"","target":""}
      """;

  private Path folder;

  /** Ten items: fp16 has 8 right, w4 loses three of them and wins one. */
  @BeforeClass
  public void writeFiles() throws IOException {
    folder = Files.createTempDirectory("statistics");
    List<String> lines = new ArrayList<>();
    String[] base = "1 1 1 1 1 1 1 1 0 0".split(" ", -1);
    String[] quant = "1 1 1 1 1 0 0 0 1 0".split(" ", -1);
    for (int i = 0; i < base.length; i++) {
      lines.add(RECORD.formatted("fp16", "q" + i, "16", base[i]).strip());
      lines.add(RECORD.formatted("w4", "q" + i, "4.25", quant[i]).strip());
    }
    Files.write(folder.resolve("records.jsonl"), lines);
    Files.writeString(
        folder.resolve("table.csv"),
        """
        model,ppl,acc,note
        a,1,8,x
        a,2,6,x
        a,4,,x
        b,3,5,x
        b,5,4,x
        b,8,1,x
        """);
  }

  /** Δ −0.2, flips 3 and 1, mid-p 0.375, Wilson of 8/10. */
  @Test
  public void compareWritesJson() {
    JsonObject result =
        CommandRun.json(new CompareCommand(), folder.toString(), "--json").getAsJsonObject();
    assertEquals(result.getAsJsonObject("baselines").get("m").getAsString(), "fp16");
    JsonObject cell = result.getAsJsonArray("cells").get(0).getAsJsonObject();
    assertEquals(cell.get("value").getAsDouble(), 0.8, 1e-12);
    assertEquals(cell.getAsJsonObject("interval").get("low").getAsDouble(), 0.4901624715, 1e-9);
    assertTrue(cell.getAsJsonObject("metric").get("chance").isJsonNull());
    JsonObject one = result.getAsJsonArray("comparisons").get(0).getAsJsonObject();
    assertEquals(one.get("effect").getAsDouble(), -0.2, 1e-12);
    assertEquals(one.get("p").getAsDouble(), 0.375, 1e-12);
    assertEquals(one.getAsJsonObject("flips").get("rightToWrong").getAsInt(), 3);
    assertEquals(one.get("verdict").getAsString(), "inconclusive");
  }

  /** The table names protocol, flips and verdict. */
  @Test
  public void compareWritesATable() {
    String text = CommandRun.text(new CompareCommand(), folder.resolve("records.jsonl").toString());
    assertTrue(text.contains("0-shot"), text);
    assertTrue(text.contains("inconclusive"), text);
    assertTrue(text.contains("-0.2000"), text);
    assertFalse(text.contains("NaN"), text);
  }

  /** A line that is no record is refused with its place. */
  @Test
  public void compareRefusesOtherLines() throws IOException {
    Path file = folder.resolveSibling(folder.getFileName() + "-other.jsonl");
    Files.writeString(file, "{\"a\": 1}\n");
    CommandLine line = new CommandLine(new CompareCommand());
    StringBuilder message = new StringBuilder();
    line.setExecutionExceptionHandler((exception, _, _) -> {
      message.append(exception.getMessage());
      return 1;
    });
    assertEquals(line.execute(file.toString()), 1);
    assertTrue(message.toString().contains(":1: not a record"), message + "");
  }

  /** Five complete rows, two models: r by hand from the centered sums. */
  @Test
  public void correlateReadsCsv() {
    JsonObject result =
        CommandRun.json(
                new CorrelateCommand(),
                folder.resolve("table.csv").toString(),
                "--x",
                "ppl",
                "--y",
                "acc",
                "--group",
                "model",
                "--json")
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    JsonObject pearson = result.getAsJsonArray("pooled").get(0).getAsJsonObject();
    assertEquals(pearson.get("n").getAsInt(), 5);
    // x 1 2 3 5 8, y 8 6 5 4 1: Sxy −28.2, Sxx 30.8, Syy 26.8.
    assertEquals(pearson.get("value").getAsDouble(), -28.2 / Math.sqrt(30.8 * 26.8), 1e-12);
    assertTrue(result.get("bootstrap").isJsonNull());
    assertEquals(
        result
            .getAsJsonObject("grouped")
            .getAsJsonObject("perGroup")
            .getAsJsonObject("a")
            .get("pearson")
            .getAsDouble(),
        -1,
        1e-12);
  }

  /** An unknown column is answered with those there are; text is no number. */
  @Test
  public void correlateRefusesBadColumns() {
    String file = folder.resolve("table.csv").toString();
    Exception unknown = expectThrows(Exception.class, () -> call(file, "--x", "pp", "--y", "acc"));
    assertTrue(unknown.getMessage().contains("acc, model, note, ppl"), unknown.getMessage());
    Exception text = expectThrows(Exception.class, () -> call(file, "--x", "ppl", "--y", "note"));
    assertTrue(text.getMessage().contains("'x' is not a number"), text.getMessage());
  }

  private static void call(String... arguments) throws Exception {
    CorrelateCommand command = new CorrelateCommand();
    new CommandLine(command).parseArgs(arguments);
    command.call();
  }

  /** Scores of another program: mean 2/3 against 1/3, one flip and one wrong answer for another. */
  @Test
  public void compareReadsScoresOfOtherPrograms() throws IOException {
    Path file = folder.resolveSibling(folder.getFileName() + "-scores.jsonl");
    Files.writeString(
        file,
        """
        {"task":"t","item":"1","scheme":"fp16","score":1,"choice":0}
        {"task":"t","item":"2","scheme":"fp16","score":1,"choice":0}
        {"task":"t","item":"3","scheme":"fp16","score":0,"choice":1}
        {"task":"t","item":"1","scheme":"w4","score":1,"choice":0}
        {"task":"t","item":"2","scheme":"w4","score":0,"choice":3}
        {"task":"t","item":"3","scheme":"w4","score":0,"choice":2}
        """);
    JsonElement one =
        CommandRun.at(
            CommandRun.json(new CompareCommand(), file.toString(), "--json"), "comparisons.0");
    assertEquals(CommandRun.at(one, "baseline").getAsString(), "fp16");
    assertEquals(CommandRun.at(one, "effect").getAsDouble(), -1 / 3.0, 1e-12);
    assertEquals(CommandRun.at(one, "detail.answers.wrongToOtherWrong").getAsInt(), 1);
    Files.writeString(file, "{\"task\":\"t\",\"item\":\"1\",\"scheme\":\"w\",\"score\":\"x\"}\n");
    CompareCommand command = new CompareCommand();
    new CommandLine(command).parseArgs(file.toString());
    Exception text = expectThrows(Exception.class, command::call);
    assertTrue(text.getMessage().contains("score 'x' is not a number"), text.getMessage());
  }

  /** Changes against the baseline row, rows chosen by conditions, and what is wrong with others. */
  @Test
  public void correlateEvaluatesExpressions() {
    String file = folder.resolve("table.csv").toString();
    JsonElement one =
        CommandRun.json(
            new CorrelateCommand(),
            file,
            "--x=change(ln(ppl))",
            "--y=change(acc)",
            "--group=model",
            "--baseline=acc=8|5",
            "--without=acc>=8",
            "--where=ppl!=4",
            "--json");
    // ln 2 → −2 in a; 0, ln 5/3, ln 8/3 → 0, −1, −4 in b.
    double[] x = {Math.log(2), 0, Math.log(5 / 3.0), Math.log(8 / 3.0)};
    double[] y = {-2, 0, -1, -4};
    double xy = 0;
    double xx = 0;
    double yy = 0;
    double meanX = (x[0] + x[1] + x[2] + x[3]) / 4;
    for (int i = 0; i < 4; i++) {
      xy += (x[i] - meanX) * (y[i] + 1.75);
      xx += (x[i] - meanX) * (x[i] - meanX);
      yy += (y[i] + 1.75) * (y[i] + 1.75);
    }
    assertEquals(
        CommandRun.at(one, "0.pooled.0.value").getAsDouble(), xy / Math.sqrt(xx * yy), 1e-12);
    assertRefuses("name them with --baseline", file, "--x=change(ppl)", "--y=acc");
    assertRefuses(
        "has 0 rows with acc=8",
        file,
        "--x=change(ppl)",
        "--y=acc",
        "--group=model",
        "--baseline=acc=8");
    assertRefuses("'a' is no size", file, "--x=size(model)", "--y=acc");
    assertRefuses("is no condition", file, "--x=ppl", "--y=acc", "--where=ppl");
    assertRefuses("leave none of the table's 6 rows", file, "--x=ppl", "--y=acc", "--where=ppl<0");
    assertRefuses(
        "needs a value above 0", file, "--x=ln(change(ppl))", "--y=acc", "--baseline=acc=8");
  }

  private static void assertRefuses(String words, String... arguments) {
    Exception refusal = expectThrows(Exception.class, () -> call(arguments));
    assertTrue(refusal.getMessage().contains(words), refusal.getMessage());
  }
}
