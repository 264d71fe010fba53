// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static io.lowbit.cli.CommandRun.at;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.results.ForeignFiles;
import io.lowbit.testing.SmallStudies;
import io.lowbit.testing.StudyRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code compare} on what lm-eval and llama.cpp wrote, against these programs' own numbers. */
public final class ForeignResultsTest {
  private static final String STORIES = "stories260K";
  private static final String SMOLLM = "smollm2-135m";

  private static Path folder() throws IOException {
    return Files.createTempDirectory("foreign");
  }

  private static JsonElement cell(JsonElement table, String scheme, String metric) {
    for (JsonElement cell : at(table, "cells").getAsJsonArray()) {
      if (at(cell, "key.scheme").getAsString().equals(scheme)
          && at(cell, "key.metric").getAsString().equals(metric)) {
        return cell;
      }
    }
    throw new AssertionError("no cell of " + scheme + " and " + metric + " in " + table);
  }

  private static JsonElement comparison(JsonElement table, String metric) {
    for (JsonElement one : at(table, "comparisons").getAsJsonArray()) {
      if (at(one, "key.metric").getAsString().equals(metric)) {
        return one;
      }
    }
    throw new AssertionError("no comparison of " + metric + " in " + table);
  }

  @DataProvider
  Object[][] tasks() {
    return new Object[][] {
      {"arc_easy.0shot", List.of("acc", "acc_norm")},
      {"arc_easy.5shot", List.of("acc", "acc_norm")},
      {"piqa.0shot", List.of("acc", "acc_norm")},
      {"lambada_openai.0shot", List.of("perplexity", "acc")},
    };
  }

  /**
   * The harness's aggregates and errors come out of its samples, and two models are paired by
   * document: the counts of the 2 × 2 table are those of the reference files themselves.
   */
  @Test(dataProvider = "tasks")
  public void agreesWithTheHarness(String task, List<String> metrics) throws IOException {
    Path folder = folder();
    for (String model : List.of(SMOLLM, STORIES)) {
      ForeignFiles.lmEval(folder.resolve(model), model, task);
    }
    String first = folder.resolve(SMOLLM).toString();
    JsonElement table = CommandRun.json(new CompareCommand(), first, folder.toString(), "--json");
    String name = task.substring(0, task.indexOf('.'));
    for (String metric : metrics) {
      JsonObject said = ForeignFiles.goldenResults(SMOLLM, task).getAsJsonObject(name);
      CommandRun.near(cell(table, SMOLLM, metric), "value", said.get(metric + ",none"), 1e-9);
      if (metric.startsWith("acc")) {
        JsonElement error = said.get(metric + "_stderr,none");
        CommandRun.near(cell(table, SMOLLM, metric), "errors.naive", error, 1e-9);
      }
    }
    pairs(comparison(table, "acc"), task);
  }

  private static void pairs(JsonElement found, String task) throws IOException {
    List<JsonObject> base = ForeignFiles.goldenSamples(SMOLLM, task);
    List<JsonObject> quant = ForeignFiles.goldenSamples(STORIES, task);
    int shared = Math.min(base.size(), quant.size());
    int lost = 0;
    int won = 0;
    for (int i = 0; i < shared; i++) {
      double before = at(base.get(i), "metrics.acc").getAsDouble();
      double after = at(quant.get(i), "metrics.acc").getAsDouble();
      assertEquals(base.get(i).get("doc_id"), quant.get(i).get("doc_id"));
      lost += before > after ? 1 : 0;
      won += before < after ? 1 : 0;
    }
    assertEquals(at(found, "items").getAsInt(), shared);
    assertEquals(at(found, "flips.rightToWrong").getAsInt(), lost);
    assertEquals(at(found, "flips.wrongToRight").getAsInt(), won);
    assertEquals(at(found, "effect").getAsDouble(), (won - lost) / (double) shared, 1e-12);
  }

  /** Perplexities per word and byte, from what the samples file holds of each page. */
  @Test
  public void readsPerplexitiesOfPages() throws IOException {
    Path folder = folder();
    JsonObject said = ForeignFiles.goldenResults(STORIES, "wikitext.0shot");
    StringBuilder lines = new StringBuilder();
    for (JsonObject page : ForeignFiles.goldenSamples(STORIES, "wikitext.0shot")) {
      String sum = page.get("loglikelihood").getAsString();
      lines.append(
          """
          {"doc_id": %s, "target": "", "filtered_resps": [%s], "filter": "none", \
          "metrics": ["word_perplexity", "byte_perplexity", "bits_per_byte"], \
          "word_perplexity": [%s, %s], "byte_perplexity": [%s, %s], "bits_per_byte": [%s, %s]}
          """
              .formatted(
                  page.get("doc_id"),
                  sum,
                  sum,
                  page.get("words"),
                  sum,
                  page.get("bytes"),
                  sum,
                  page.get("bytes")));
    }
    Path file = folder.resolve("samples_wikitext_" + ForeignFiles.DATE + ".jsonl");
    Files.writeString(file, lines);
    JsonElement table = CommandRun.json(new CompareCommand(), file.toString(), "--json");
    for (String metric : List.of("word_perplexity", "byte_perplexity", "bits_per_byte")) {
      CommandRun.near(
          cell(table, folder.getFileName().toString(), metric),
          "value",
          said.getAsJsonObject("wikitext").get(metric + ",none"),
          1e-9);
    }
  }

  /** Our records and lm-eval's samples: paired where names agree, and told where they do not. */
  @Test
  public void mixesWithRecords() throws IOException {
    Path folder = folder();
    Path own =
        new StudyRecords()
            .scores(SmallStudies.run("m", "fp32"), SmallStudies.QUIZ, 1, 1, 1, 0)
            .scores(SmallStudies.run("m", "fp32"), SmallStudies.ITEMS, 1, 0)
            .in(folder.resolve("own"));
    Path samples = Files.createDirectory(folder.resolve("gptq"));
    StringBuilder lines = new StringBuilder();
    int[] scores = {0, 1, 0, 1, 1};
    for (int i = 0; i < scores.length; i++) {
      lines.append(
          "{\"doc_id\":%d,\"target\":\"\",\"filtered_resps\":[],\"acc\":%d}%n"
              .formatted(i + 1, scores[i]));
    }
    Files.writeString(samples.resolve("samples_quiz_" + ForeignFiles.DATE + ".jsonl"), lines);
    JsonElement one =
        at(
            CommandRun.json(new CompareCommand(), own.toString(), samples.toString(), "--json"),
            "comparisons.0");
    assertEquals(at(one, "baseline").getAsString(), "fp32");
    assertEquals(at(one, "items").getAsInt(), 3);
    assertEquals(at(one, "onlyBaseline").getAsInt(), 1);
    assertEquals(at(one, "onlyScheme").getAsInt(), 2);
    // Documents 1, 2, 3: ours 1, 1, 0 and theirs 0, 1, 0.
    assertEquals(at(one, "effect").getAsDouble(), -1 / 3.0, 1e-12);
    String text = CommandRun.text(new CompareCommand(), own.toString(), samples.toString());
    assertTrue(text.contains("Items are paired by their names only"), text);
    assertTrue(text.contains("1 items are only in fp32 and 2 only in gptq"), text);
    assertTrue(text.contains("gptq has no results on items."), text);
  }

  /** The ratio and its error are llama.cpp's own; Q4_1 is within 1 %, Q4_0 is worse by more. */
  @Test
  public void judgesLlamaCppByItsOwnErrors() throws IOException {
    Path folder = folder();
    JsonObject golden = ForeignFiles.goldenDivergences();
    String[] files = new String[2];
    for (int i = 0; i < 2; i++) {
      String run = List.of("kld-Q4_0", "kld-Q4_1").get(i);
      Path file = folder.resolve(run + ".txt");
      Files.writeString(file, ForeignFiles.llamaCpp(golden.getAsJsonObject(run)));
      files[i] = file.toString();
    }
    JsonElement found = CommandRun.json(new CompareCommand(), files[0], files[1], "--json");
    double ratio =
        golden
            .getAsJsonObject("kld-Q4_0")
            .getAsJsonObject("summary")
            .getAsJsonArray("Mean PPL(Q)/PPL(base)")
            .get(0)
            .getAsDouble();
    assertEquals(at(found, "llamaCpp.0.ratio").getAsDouble(), ratio, 1e-5);
    // ln ratio 0.189169 ± 0.013635: 1.959964 errors to either side.
    assertEquals(
        at(found, "llamaCpp.0.interval.low").getAsDouble(),
        Math.exp(0.189169 - 1.959964 * 0.013635),
        1e-6);
    assertEquals(at(found, "llamaCpp.0.answer").getAsString(), "worse");
    assertEquals(at(found, "llamaCpp.0.verdict").getAsString(), "inferior");
    assertEquals(at(found, "llamaCpp.1.answer").getAsString(), "equivalent");
    String text = CommandRun.text(new CompareCommand(), files);
    assertTrue(text.contains("0.236525 ± 0.004427"), text);
    assertTrue(text.contains("75.196 ± 0.781 %"), text);
    assertTrue(text.contains("no paired test is possible"), text);
    assertFalse(text.contains("NaN"), text);
  }
}
