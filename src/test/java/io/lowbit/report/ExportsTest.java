// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.results.CollectedResults;
import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.SchemeComparison;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.testing.SmallStudies;
import io.lowbit.testing.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/** Exports of a study whose numbers are known: 8 and 6 of 10 right, and a text. */
public final class ExportsTest {
  private static final double[] BASE_NATS = {20, 21, 19, 20.5};
  private static final double[] QUANT_NATS = {20.4, 21.1, 19.3, 20.9};

  private static List<ItemRecord> records() {
    double[] quant = SmallStudies.answers(6, 10);
    return new StudyRecords()
        .scores(SmallStudies.run("a_b", "fp32"), SmallStudies.QUIZ, SmallStudies.answers(8, 10))
        .scores(SmallStudies.run("a_b", "w4g128"), SmallStudies.QUIZ, quant)
        .text(SmallStudies.run("a_b", "fp32"), "text", 10, BASE_NATS)
        .text(SmallStudies.run("a_b", "w4g128"), "text", 10, QUANT_NATS)
        .records();
  }

  private static Comparison compare(List<ItemRecord> records) {
    return Comparison.of(records, Comparison.Settings.DEFAULT);
  }

  private static Path export(List<ItemRecord> records) throws IOException {
    Path folder = Files.createTempDirectory("exports");
    Exports.write(
        records,
        compare(records),
        EnumSet.allOf(Exports.Format.class),
        LocalDateTime.of(2026, 1, 31, 12, 0),
        folder);
    return folder;
  }

  private static Map<String, String> hashes(Path folder) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        hashes.put(folder.relativize(file).toString(), io.lowbit.table.DataFile.sha256(file));
      }
    }
    return hashes;
  }

  /** Same bytes from the same records in another order, and no file left half-written. */
  @Test
  public void bytesDependOnTheRecordsOnly() throws IOException {
    List<ItemRecord> shuffled = new ArrayList<>(records());
    Collections.shuffle(shuffled, new Random(3));
    Map<String, String> hashes = hashes(export(records()));
    assertEquals(hashes(export(shuffled)), hashes);
    assertEquals(hashes.size(), 6 + 2 + 2 * 3, hashes.toString());
    assertTrue(hashes.keySet().stream().noneMatch(name -> name.contains(".tmp")));
  }

  /** Wilson of 8/10 is 0.4901624715 to 0.9433178485; two answers were lost and none won. */
  @Test
  public void tablesHaveTheNumbers() throws IOException {
    Path folder = export(records());
    List<Row> csv = Rows.read(folder.resolve("aggregates.csv"));
    List<Row> parquet = Rows.read(folder.resolve("aggregates.parquet"));
    List<Row> json = Rows.read(folder.resolve("aggregates.json"));
    assertEquals(csv.size(), 4);
    for (int i = 0; i < csv.size(); i++) {
      Map<String, Object> row = parquet.get(i).values();
      assertEquals(json.get(i).values(), row);
      csv.get(i)
          .values()
          .forEach((name, text) ->
              assertEquals(text, row.get(name) == null ? "" : row.get(name).toString(), name));
    }
    Map<String, Object> base = parquet.get(0).values();
    assertEquals((double) base.get("low"), 0.4901624715, 1e-9);
    assertEquals((double) base.get("high"), 0.9433178485, 1e-9);
    Map<String, Object> quant = parquet.get(1).values();
    assertEquals(quant.get("rightToWrong"), 2L);
    assertEquals(quant.get("wrongToRight"), 0L);
    assertEquals((double) quant.get("effect"), -0.2, 1e-12);
    Map<String, Object> text = parquet.get(3).values();
    // exp of the nats' difference over 40 tokens.
    assertEquals((double) text.get("effect"), Math.exp(1.2 / 40), 1e-12);
    assertEquals(Rows.read(folder.resolve("records.parquet")).size(), 28);
    Map<String, Object> item = Rows.read(folder.resolve("records.parquet")).get(20).values();
    assertEquals(item.get("value"), 20.0);
    assertEquals(item.get("weight"), 10.0);
  }

  /** Value, interval, difference with interval and verdict, protocol: in both markups. */
  @Test
  public void printedTablesAreComplete() throws IOException {
    Path folder = export(records());
    String markdown = Files.readString(folder.resolve("tables.md"));
    String latex = Files.readString(folder.resolve("tables.tex"));
    for (String part : List.of("80.0 %", "49.0 to 94.3", "60.0 %", "× 1.030", "plain protocol")) {
      assertTrue(markdown.contains(part), part + " in " + markdown);
      String printed = LatexTables.escaped(part);
      assertTrue(latex.contains(printed), printed + " in " + latex);
    }
    assertTrue(markdown.contains("−20.0 points"), markdown);
    assertTrue(markdown.contains("## a\\_b\n"), markdown);
    assertTrue(latex.contains("$-$20.0 points"), latex);
    assertTrue(latex.contains("inconclusive \\\\\n"), latex);
    assertEquals(latex.split("\\\\begin\\{", -1).length, latex.split("\\\\end\\{", -1).length);
  }

  /** What lm-eval's readers look for, under the names that it gives its files. */
  @Test
  public void lmEvalFilesHaveItsFields() throws IOException {
    Path folder = export(records()).resolve("lm-eval/a_b__w4g128");
    JsonObject results =
        JsonParser.parseString(
                Files.readString(folder.resolve("results_2026-01-31T12-00-00.000000.json")))
            .getAsJsonObject();
    JsonObject quiz = results.getAsJsonObject("results").getAsJsonObject("quiz");
    assertEquals(quiz.get("acc,none").getAsDouble(), 0.6, 1e-12);
    // √(0.6 · 0.4 / 9): the standard deviation with n − 1 over √n.
    assertEquals(quiz.get("acc_stderr,none").getAsDouble(), Math.sqrt(0.24 / 9), 1e-12);
    for (String name : List.of("configs", "versions", "n-shot", "n-samples", "higher_is_better")) {
      assertTrue(results.getAsJsonObject(name).has("quiz"), name);
    }
    assertEquals(
        results.getAsJsonObject("n-samples").getAsJsonObject("quiz").get("effective").getAsInt(),
        10);
    List<String> samples =
        Files.readAllLines(folder.resolve("samples_quiz_2026-01-31T12-00-00.000000.jsonl"));
    JsonObject last = JsonParser.parseString(samples.getLast()).getAsJsonObject();
    assertEquals(last.get("doc_id").getAsInt(), 9);
    assertEquals(last.get("acc").getAsDouble(), 0.0);
    assertEquals(last.get("filter").getAsString(), "none");
    assertEquals(last.getAsJsonArray("metrics"), array("acc"));
    for (String name : List.of("doc", "target", "arguments", "resps", "filtered_resps")) {
      assertTrue(last.has(name), name);
    }
  }

  private static JsonArray array(String value) {
    JsonArray array = new JsonArray();
    array.add(value);
    return array;
  }

  /** Read again as lm-eval's, the files lead to the same comparison. */
  @Test
  public void lmEvalFilesComeBack() throws IOException {
    Path folder = export(records()).resolve("lm-eval");
    CollectedResults results = CollectedResults.read(List.of(folder), Optional.empty());
    assertEquals(results.notes(), List.of());
    assertEquals(results.firstRun(), Optional.of("a_b__fp32"));
    Comparison again =
        Comparison.of(
            results.records(), new Comparison.Settings(results.firstRun(), 0.95, 0.01, 0.01));
    List<SchemeComparison> expected = compare(records()).comparisons();
    for (int i = 0; i < expected.size(); i++) {
      SchemeComparison one = again.comparisons().get(i);
      assertEquals(one.key().task(), expected.get(i).key().task());
      assertEquals(one.effect(), expected.get(i).effect(), 1e-12);
      assertEquals(one.p(), expected.get(i).p(), 1e-12);
      assertEquals(one.verdict(), expected.get(i).verdict());
    }
  }
}
