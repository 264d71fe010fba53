// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.Test;

/** Comparisons of records, against the end-to-end goldens and small cases worked by hand. */
public class ComparisonTest {
  private static final Comparison.Settings AGAINST_FP16 =
      new Comparison.Settings(Optional.of("fp16"), 0.95, 0.01, 0.01);

  private static final Metric ACCURACY = new Metric("acc", Aggregation.MEAN, true, 0.25);
  private static final Metric PERPLEXITY =
      new Metric("ppl", Aggregation.TOKEN_PERPLEXITY, false, Double.NaN);

  private static ItemRecord record(
      String model,
      String scheme,
      String task,
      String item,
      String cluster,
      Metric metric,
      Map<String, Double> values) {
    double bits = scheme.startsWith("fp") ? Double.parseDouble(scheme.substring(2)) : 4;
    return new ItemRecord(
        1,
        model + scheme + task + item,
        model,
        "m",
        1000,
        scheme,
        "{}",
        "F32",
        bits,
        bits,
        "real",
        "cpu",
        task,
        1,
        "basic",
        "plain",
        "d",
        item,
        cluster,
        List.of(metric),
        values,
        List.of(),
        "",
        "");
  }

  private static List<ItemRecord> scores(String model, String scheme, double... scores) {
    List<ItemRecord> records = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      records.add(record(model, scheme, "qa", "q" + i, null, ACCURACY, Map.of("acc", scores[i])));
    }
    return records;
  }

  private static List<ItemRecord> windows(String model, String scheme, double... nll) {
    List<ItemRecord> records = new ArrayList<>();
    for (int i = 0; i < nll.length; i++) {
      records.add(
          record(
              model,
              scheme,
              "wiki",
              "w" + i,
              null,
              PERPLEXITY,
              Map.of("nll", nll[i], "tokens", 10.0)));
    }
    return records;
  }

  @SafeVarargs
  private static List<ItemRecord> all(List<ItemRecord>... parts) {
    List<ItemRecord> all = new ArrayList<>();
    for (List<ItemRecord> part : parts) {
      all.addAll(part);
    }
    return all;
  }

  /** statistics.md d.11: twelve pairs, Δ −1/12, standard error .1486470975, flips 3 and 2. */
  @Test
  public void pairsScoresByItem() {
    List<ItemRecord> records =
        all(
            scores("m", "fp16", 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1),
            scores("m", "w4", 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 0, 1));
    Collections.shuffle(records, new Random(1));
    SchemeComparison one = Comparison.of(records, AGAINST_FP16).comparisons().getFirst();
    assertEquals(one.effect(), -1 / 12.0, 1e-12);
    PairedBinary flips = one.flips().orElseThrow();
    assertEquals(flips.baseOnly(), 2);
    assertEquals(flips.quantOnly(), 1);
    assertEquals(flips.sampleStandardError(), 0.1486470975, 1e-10);
    assertEquals(one.p(), 0.625, 1e-12);
    assertEquals(one.verdict(), Verdict.INCONCLUSIVE);
    assertTrue(one.itemsToDecide().orElseThrow() > 12);
  }

  /** ln ratio −0.05 per token, constant: ratio e^−0.05 and no error. */
  @Test
  public void comparesPerplexitiesAsRatios() {
    List<ItemRecord> records =
        all(windows("m", "fp16", 20, 30, 25), windows("m", "w4", 20.5, 30.5, 25.5));
    Comparison comparison = Comparison.of(records, AGAINST_FP16);
    CellSummary base = comparison.cells().getFirst();
    assertEquals(base.value(), Math.exp(2.5), 1e-12);
    SchemeComparison one = comparison.comparisons().getFirst();
    assertTrue(one.isRatio());
    assertEquals(one.effect(), Math.exp(0.05), 1e-12);
    assertEquals(one.interval().orElseThrow().low(), Math.exp(0.05), 1e-9);
    assertEquals(one.verdict(), Verdict.INFERIOR);
  }

  /** Items on one side only are left out and counted. */
  @Test
  public void countsUnmatchedItems() {
    List<ItemRecord> records = all(scores("m", "fp16", 1, 0, 1), scores("m", "w4", 1, 0));
    SchemeComparison one = Comparison.of(records, AGAINST_FP16).comparisons().getFirst();
    assertEquals(one.items(), 2);
    assertEquals(one.onlyBaseline(), 1);
    assertEquals(one.onlyScheme(), 0);
    assertTrue(one.notes().toString().contains("1 items are only in fp16"), "" + one.notes());
  }

  /** No flip in three items proves nothing; the score interval stays wide. */
  @Test
  public void identicalFewAnswersDoNotProveEquivalence() {
    List<ItemRecord> records = all(scores("m", "fp16", 1, 0, 1), scores("m", "w4", 1, 0, 1));
    SchemeComparison one = Comparison.of(records, AGAINST_FP16).comparisons().getFirst();
    assertEquals(one.verdict(), Verdict.INCONCLUSIVE);
    assertTrue(one.interval().orElseThrow().high() > 0.3);
    assertEquals(one.p(), 1.0);
  }

  /** Without a named baseline the scheme with the most bits serves. */
  @Test
  public void baselineIsTheSchemeWithMostBits() {
    List<ItemRecord> records =
        all(scores("m", "w4", 1, 0), scores("m", "fp16", 1, 1), scores("m", "fp32", 1, 1));
    Comparison comparison = Comparison.of(records, Comparison.Settings.DEFAULT);
    assertEquals(comparison.baselines(), Map.of("m", "fp32"));
    assertEquals(comparison.comparisons().size(), 2);
  }

  /** An item without a finite score leaves no value rather than a flattering one. */
  @Test
  public void nanScoresLeaveNoValue() {
    List<ItemRecord> records = all(scores("m", "fp16", 1, 0), scores("m", "w4", 1, Double.NaN));
    Comparison comparison = Comparison.of(records, AGAINST_FP16);
    CellSummary broken = comparison.cells().getLast();
    assertTrue(Double.isNaN(broken.value()));
    assertTrue(broken.notes().getFirst().contains("'q1'"), "" + broken.notes());
    assertTrue(Double.isNaN(comparison.comparisons().getFirst().p()));
  }

  /** Contradicting copies of an item, and a missing baseline, are refused by name. */
  @Test
  public void refusesContradictions() {
    List<ItemRecord> twice = all(scores("m", "w4", 1, 0), scores("m", "w4", 0, 0));
    assertThrows(
        IllegalArgumentException.class, () -> Comparison.of(twice, Comparison.Settings.DEFAULT));
    assertThrows(
        IllegalArgumentException.class, () -> Comparison.of(scores("m", "w4", 1, 0), AGAINST_FP16));
    assertThrows(
        IllegalArgumentException.class,
        () -> Comparison.of(List.of(), Comparison.Settings.DEFAULT));
  }

  /** Correlation over schemes: three points refuse an interval, two models give a within r. */
  @Test
  public void correlatesPerplexityWithScore() {
    List<ItemRecord> records = new ArrayList<>();
    double[][] accuracy = {{1, 1, 1, 0}, {1, 1, 0, 0}, {1, 0, 0, 0}};
    String[] schemes = {"fp16", "w8", "w4"};
    for (int s = 0; s < 3; s++) {
      records.addAll(scores("small", schemes[s], accuracy[s]));
      records.addAll(windows("small", schemes[s], 20 + s, 20 + s));
    }
    Comparison one = Comparison.of(records, AGAINST_FP16);
    ProxyCorrelation correlation = one.correlations().getFirst();
    assertEquals(correlation.points().size(), 3);
    assertEquals(correlation.pooled().getFirst().value(), -1, 1e-12);
    assertTrue(correlation.pooled().getFirst().interval().isEmpty());
    assertTrue(correlation.within().isEmpty());
    for (int s = 0; s < 3; s++) {
      records.addAll(scores("large", schemes[s], accuracy[s]));
      records.addAll(windows("large", schemes[s], 10 + s, 10 + s));
    }
    ProxyCorrelation two = Comparison.of(records, AGAINST_FP16).correlations().getFirst();
    assertEquals(two.within().orElseThrow().within(), -1, 1e-12);
    assertFalse(two.perModel().get("large").isEmpty());
  }

  /** golden/statistics/e2e: 400 items × 3 systems in 12 clusters; 26 documents, missing items. */
  @Test
  public void agreesWithEndToEndGoldens() throws IOException {
    JsonObject expected =
        JsonParser.parseString(Files.readString(Shared.path("golden/statistics/e2e/expected.json")))
            .getAsJsonObject();
    List<ItemRecord> everything = new ArrayList<>();
    for (String file : expected.getAsJsonObject("files").keySet()) {
      List<ItemRecord> records = endToEnd(Shared.path("golden/statistics/e2e/" + file));
      everything.addAll(records);
      check(expected.getAsJsonObject("files").getAsJsonObject(file), records);
    }
    Comparison joint = Comparison.of(everything, AGAINST_FP16);
    for (JsonElement each : expected.getAsJsonArray("multiplicity")) {
      JsonObject row = each.getAsJsonObject();
      for (int i = 0; i < joint.comparisons().size(); i++) {
        Cell.Key key = joint.comparisons().get(i).key();
        if (key.task().equals(row.get("task").getAsString())
            && key.scheme().equals(row.get("scheme").getAsString())) {
          near(joint.comparisons().get(i).p(), row.get("p"), "p " + key);
          near(joint.adjustedP().get(i).orElseThrow(), row.get("holm"), "Holm " + key);
        }
      }
    }
  }

  private static List<ItemRecord> endToEnd(Path file) throws IOException {
    List<ItemRecord> records = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      records.add(
          record(
              "m",
              json.get("scheme").getAsString().replace("w4g128", "w4").replace("w3g128", "w3"),
              json.get("task").getAsString(),
              json.get("item").getAsString(),
              json.get("cluster").getAsString(),
              ACCURACY,
              Map.of("acc", json.get("score").getAsDouble())));
    }
    return records;
  }

  private static void check(JsonObject expected, List<ItemRecord> records) {
    Comparison comparison = Comparison.of(records, AGAINST_FP16);
    for (CellSummary cell : comparison.cells()) {
      JsonObject system =
          expected
              .getAsJsonObject("systems")
              .getAsJsonObject(cell.key().scheme().replaceFirst("^w(.)$", "w$1g128"));
      assertEquals(cell.items(), system.get("n").getAsInt());
      assertEquals(cell.clusters(), system.get("clusters").getAsInt());
      near(cell.value(), system.get("mean"), "mean");
      near(cell.interval().orElseThrow(), system.getAsJsonArray("ci95_clustered_t"), "mean");
    }
    for (SchemeComparison one : comparison.comparisons()) {
      String scheme = one.key().scheme() + "g128";
      JsonObject golden = expected.getAsJsonObject("comparisons").getAsJsonObject(scheme);
      JsonObject clustered = golden.getAsJsonObject("clustered");
      near(one.effect(), golden.get("delta"), scheme);
      near(one.baseValue(), golden.get("base_mean"), scheme);
      near(one.value(), golden.get("quant_mean"), scheme);
      near(one.interval().orElseThrow(), clustered.getAsJsonArray("ci95"), scheme);
      near(one.equivalence().lowerP(), clustered.get("tost_p_lower"), scheme);
      near(one.equivalence().upperP(), clustered.get("tost_p_upper"), scheme);
      assertEquals(one.verdict().words(), clustered.get("verdict").getAsString());
      if (golden.has("mcnemar")) {
        near(one.p(), golden.getAsJsonObject("mcnemar").get("mid_p"), scheme);
      } else {
        near(one.p(), clustered.get("difference_p"), scheme);
        assertEquals(one.onlyBaseline() + one.onlyScheme(), golden.get("items_dropped").getAsInt());
      }
    }
  }

  private static void near(Interval interval, JsonArray expected, String where) {
    near(interval.low(), expected.get(0), where);
    near(interval.high(), expected.get(1), where);
  }

  private static void near(double actual, JsonElement expected, String where) {
    double wanted = expected.getAsDouble();
    assertEquals(actual, wanted, 1e-9 * Math.abs(wanted) + 1e-15, where);
  }
}
