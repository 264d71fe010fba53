// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.GroupedCorrelation;
import io.lowbit.stats.Moments;
import io.lowbit.stats.published.Observation.Score;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The findings on the papers' own figures, against numbers that others computed from them. */
public class FiguresTest {
  private static final Reproduction JIN = Reproduction.onFigures(PublishedPaper.Id.JIN2024);
  private static final Reproduction LI = Reproduction.onFigures(PublishedPaper.Id.LI2024);
  private static final List<String> ANY = List.of();

  private static Outcome outcome(Reproduction reproduction, String id) {
    return reproduction.results().stream()
        .filter(one -> one.finding().id().equals(id))
        .findFirst()
        .orElseThrow()
        .outcome();
  }

  /** 0.7895 printed, 0.8435 from the paper's own tables; five entries do not reproduce. */
  @Test
  public void showsWhatDoesNotReproduce() {
    Outcome outcome = outcome(JIN, "printed-correlations");
    assertEquals(outcome.status(), Status.FAILS);
    assertEquals(outcome.n(), 18);
    assertEquals(outcome.value(), 0.8435, 5e-5);
    assertEquals(
        outcome.notes(),
        List.of(
            "Mean |r| as printed 0.7895, from the paper's own tables 0.8435.",
            "Does not reproduce: flores bleu en-zh, printed -0.884, from the tables -0.9273.",
            "Does not reproduce: xsum rouge1, printed -0.768, from the tables -0.7417.",
            "Does not reproduce: xsum rouge2, printed -0.493, from the tables -0.8005.",
            "Does not reproduce: xsum rougeL, printed -0.222, from the tables -0.7793.",
            "Does not reproduce: cnn_dailymail rougeL, printed -0.885, from the tables -0.9347."));
  }

  /** SciPy's coefficients of the same table, pooled and within models. */
  @Test
  public void correlationsAreThoseOfTheGoldenFile() throws IOException {
    Map<String, Score> scores = new HashMap<>();
    scores.put("mmlu", new Score("mmlu", "acc", ""));
    scores.put("ceval", new Score("ceval", "acc", ""));
    scores.put("bleu_enzh", new Score("flores", "bleu", "en-zh"));
    scores.put("bleu_zhen", new Score("flores", "bleu", "zh-en"));
    scores.put("gsm8k", new Score("gsm8k", "acc", ""));
    scores.put("snli", new Score("snli", "acc", ""));
    scores.put("tqa_mc1", new Score("truthfulqa", "mc1", ""));
    scores.put("fb_hsr", new Score("followbench", "hsr", ""));
    scores.put("fb_ssr", new Score("followbench", "ssr", ""));
    scores.put("fb_csl", new Score("followbench", "csl", ""));
    scores.put("bbq_ambig", new Score("bbq", "bias", "ambiguous"));
    scores.put("bbq_disambig", new Score("bbq", "bias", "disambiguated"));
    for (String rouge : List.of("1", "2", "L")) {
      scores.put("xsum_r" + rouge, new Score("xsum", "rouge" + rouge, ""));
      scores.put("cnn_r" + rouge, new Score("cnn_dailymail", "rouge" + rouge, ""));
    }
    Selection where =
        new Selection(List.of("w4", "w3"), List.of("gptq", "spqr"), ANY, ANY, ANY, ANY, ANY, ANY);
    Map<Score, ScoreCorrelations.OfScore> ours =
        ScoreCorrelations.of(where, Observations.of(PublishedPaper.of(PublishedPaper.Id.JIN2024)));
    String golden = Files.readString(Shared.path("golden/statistics/jin2024.json"));
    int seen = 0;
    for (var element : JsonParser.parseString(golden).getAsJsonObject().getAsJsonArray("cases")) {
      JsonObject one = element.getAsJsonObject();
      if (one.has("kind") && one.get("kind").getAsString().equals("metric")) {
        String id = one.get("id").getAsString();
        JsonObject expected = one.getAsJsonObject("expected");
        ScoreCorrelations.OfScore found = ours.get(scores.get(id));
        double r = expected.getAsJsonObject("raw_perplexity").get("pearson_r").getAsDouble();
        assertEquals(found.pairs().pearson(), r, 1e-9, id);
        double within = expected.getAsJsonObject("within_model_ln").get("r").getAsDouble();
        assertEquals(
            GroupedCorrelation.of(found.ofLogarithm(), found.models(), 0.95).within(),
            within,
            1e-9,
            id);
        seen++;
      }
    }
    assertEquals(seen, 18);
  }

  /** Share left above chance, mean over models, as another program computed it to two decimals. */
  @DataProvider
  Object[][] retentions() {
    return new Object[][] {
      {"mmlu", new double[] {1.00, .97, .84, .99, .96, 1.00, .97, .83}},
      {"strategyqa", new double[] {1.01, .99, .94, 1.00, .99, 1.00, .99, .97}},
      {"arc-c", new double[] {1.01, .86, .80, 1.02, .88, .99, .94, .84}},
      {"arc-e", new double[] {1.00, .96, .92, .99, .96, 1.00, 1.00, .94}},
      {"hellaswag", new double[] {1.00, .99, .93, .99, .98, 1.00, .99, .97}},
      {"mmlu-calib", new double[] {.99, .92, .57, .96, .88, .99, .94, .66}},
      {"ceval", new double[] {1.00, .97, .88, 1.00, .97, 1.00, .96, .83}},
    };
  }

  @Test(dataProvider = "retentions")
  public void whatIsLeftAboveChance(String task, double[] expected) {
    Observations observations = Observations.of(PublishedPaper.of(PublishedPaper.Id.LI2024));
    List<String> schemes = List.of("w8", "w4", "w3", "w8a8", "w4a8", "kv8", "kv4", "kv3");
    for (int i = 0; i < expected.length; i++) {
      Selection where =
          new Selection(
              List.of(schemes.get(i)), List.of(""), ANY, ANY, ANY, List.of(task), ANY, ANY);
      Map<String, Double> byModel = Samples.of(where, Quantity.RETENTION, observations).byModel();
      double mean =
          Moments.mean(byModel.values().stream().mapToDouble(Double::doubleValue).toArray());
      assertEquals(mean, expected[i], 0.0105, task + " " + schemes.get(i));
    }
  }

  /** Printed by hand: 61.53 − 57.10 and 58.34 − 57.10 with 12.03 and 10.77 GiB of 15.14. */
  @Test
  public void aLargerModelWinsBothPairsButTwoPairsDecideNothing() {
    Outcome outcome = outcome(JIN, "larger-and-quantized-wins");
    assertEquals(outcome.n(), 2);
    assertEquals(outcome.value(), 1.0);
    assertEquals(outcome.interval().orElseThrow().low(), 0.3424, 1e-4);
    assertEquals(outcome.status(), Status.UNDECIDED);
    assertEquals(
        outcome.notes(),
        List.of(
            "Qwen/Qwen-14B-Chat GPTQ 4-bit against Qwen/Qwen-7B-Chat: +4.4 points.",
            "Qwen/Qwen-14B-Chat GPTQ 3-bit against Qwen/Qwen-7B-Chat: +1.2 points."));
  }

  /** 14.88 over 8.97 tokens a second. */
  @Test
  public void onePairHasNoInterval() {
    Outcome outcome = outcome(JIN, "gptq-4-speeds-72b");
    assertEquals(outcome.value(), 14.88 / 8.97, 1e-12);
    assertEquals(outcome.status(), Status.UNDECIDED);
    assertTrue(outcome.interval().isEmpty());
  }

  /** ln(10.05 / 17.96) and so on, mean of nine ratios; three models leave it open. */
  @Test
  public void outliersOfTwoBits() {
    double[] with = {10.05, 14.19, 17.07, 7.94, 11.74, 13.31, 7.01, 9.78, 11.92};
    double[] without = {17.96, 21.86, 27.98, 140.22, 115.07, 170.48, 10.49, 14.07, 16.11};
    double sum = 0;
    for (int i = 0; i < with.length; i++) {
      sum += Math.log(with[i] / without[i]);
    }
    assertEquals(outcome(JIN, "outliers-save-2-bit").value(), sum / 9, 1e-12);
  }

  @Test
  public void theHeadlinesHold() {
    for (String id : List.of("w8-lossless", "w4-nearly-lossless", "w2-collapse", "w4a4-collapse")) {
      assertEquals(outcome(LI, id).status(), Status.HOLDS, id);
    }
    assertEquals(outcome(JIN, "4-bit-nearly-lossless").status(), Status.HOLDS);
    assertEquals(outcome(JIN, "2-bit-gptq-collapses").status(), Status.HOLDS);
  }

  /** SNLI, TruthfulQA and ambiguous BBQ are not predicted within models; see the golden file. */
  @Test
  public void withinModelsFewerScoresArePredicted() {
    Outcome pooled = outcome(JIN, "perplexity-predicts");
    Outcome within = outcome(JIN, "perplexity-predicts-within-models");
    assertEquals(pooled.value(), 17 / 18.0, 1e-12);
    assertEquals(within.value(), 14 / 18.0, 1e-12);
    String notes = String.join(" ", within.notes());
    for (String score : List.of("snli acc", "truthfulqa mc1", "bbq bias ambiguous")) {
      assertTrue(notes.contains("Not predicted: " + score), notes);
    }
  }

  /** A finding that selects nothing in the paper's own figures would never be tested. */
  @Test
  public void everyFindingButThoseWithoutATestIsTested() {
    Set<String> ids = new HashSet<>();
    for (Reproduction reproduction : List.of(JIN, LI)) {
      for (Reproduction.Result one : reproduction.results()) {
        boolean isTested = one.outcome().status() != Status.NOT_TESTED;
        assertEquals(isTested, !(one.finding().test() instanceof NoTest), one.finding().id());
        assertTrue(ids.add(one.finding().id()), "twice: " + one.finding().id());
      }
    }
    assertEquals(
        ids.stream().filter(id -> !id.matches("[a-z0-9-]+")).collect(Collectors.toList()),
        List.of());
  }
}
