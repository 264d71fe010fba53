// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static io.lowbit.testing.SmallStudies.ITEMS;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.run;
import static io.lowbit.testing.SmallStudies.twoModels;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.quant.Scheme;
import io.lowbit.results.ItemRecord;
import io.lowbit.stats.PooledChange.Outcome;
import io.lowbit.stats.SchemeChange.Axis;
import io.lowbit.testing.StudyRecords;
import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.SyntheticStudy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Changes pooled over tasks and models and the bits they tolerate. Numbers are from a NumPy and
 * SciPy script that follows the formulas, not from this program.
 */
public class PooledChangeTest {
  private static final Benchmark LINES = new Benchmark("lines", "long-context", 0, 1);

  private static Findings findings(StudyRecords study, double margin) {
    return findings(study.records(), margin);
  }

  private static Findings findings(List<ItemRecord> records, double margin) {
    return Findings.of(
        records,
        Comparison.of(records, new Comparison.Settings(Optional.of("fp32"), 0.95, margin, margin)));
  }

  private static PooledChange only(Findings findings) {
    assertEquals(findings.changes().size(), 1);
    return findings.changes().getFirst();
  }

  @Test
  public void poolsOverTasksAndModels() {
    PooledChange one = only(findings(twoModels(), 0.4));
    MacroMean gain = one.gain().orElseThrow();
    assertEquals(gain.value(), -0.24166666666666667, 1e-15);
    assertEquals(gain.standardError(), 0.10713986024247829, 1e-14);
    assertEquals(gain.degreesOfFreedom(), 3.5987216181147508, 1e-12);
    assertEquals(gain.p(), 0.09456310475931864, 1e-12);
    Interval interval = one.effectInterval().orElseThrow();
    assertEquals(interval.low(), -0.5526838956057878, 1e-12);
    assertEquals(interval.high(), 0.06935056227245448, 1e-12);
    assertEquals(one.retention().orElseThrow(), 0.5314935064935066, 1e-14);
    assertEquals(one.models(), 2);
    assertEquals(one.items(), 11);
    assertEquals(one.tasks(), List.of("items", "subjects"));
  }

  /** (z.95 + z.80)²·n·(SE/distance)² above the margin, with z.975 below it. */
  @Test
  public void saysHowManyItemsWouldDecide() {
    assertEquals(only(findings(twoModels(), 0.4)).itemsToDecide(), OptionalLong.of(32));
    assertEquals(only(findings(twoModels(), 0.1)).itemsToDecide(), OptionalLong.of(50));
    PooledChange decided = only(findings(twoModels(), 0.5));
    assertEquals(decided.outcome(), Outcome.TOLERATED);
    assertEquals(decided.itemsToDecide(), OptionalLong.empty());
  }

  @Test
  public void poolsRatiosOfPerplexities() {
    PooledChange one =
        only(
            findings(
                new StudyRecords()
                    .text(run("a", "fp32"), "text", 10, 20, 30, 25, 28)
                    .text(run("a", "w4"), "text", 10, 21, 33, 25.5, 30)
                    .text(run("b", "fp32"), "text", 10, 25, 31, 27, 35)
                    .text(run("b", "w4"), "text", 10, 26, 31, 29, 38),
                0.01));
    assertEquals(one.type(), TaskType.LANGUAGE_MODELLING);
    assertEquals(one.effect(), 1.169118446169504, 1e-12);
    assertEquals(one.effectInterval().orElseThrow().low(), 1.0529848466401248, 1e-12);
    assertEquals(one.effectInterval().orElseThrow().high(), 1.2980604094494965, 1e-12);
    assertEquals(one.outcome(), Outcome.NOT_TOLERATED, "the whole interval is above 1 %");
    assertTrue(one.retention().isEmpty());
  }

  /**
   * No flip among 40 items is ± t(39)·z/(40 + z²), not ± 0, and one flip is no narrower; the same
   * 40 items under two models are 80 trials.
   */
  @Test
  public void fewFlipsAreNoCertainty() {
    StudyRecords same =
        new StudyRecords()
            .scores(run("a", "fp32"), ITEMS, answers(30, 40))
            .scores(run("a", "w8"), ITEMS, answers(30, 40));
    Interval interval = only(findings(same, 0.01)).interval().orElseThrow();
    assertEquals(interval.low(), -0.0904258540150802, 1e-12);
    assertEquals(interval.high(), 0.0904258540150802, 1e-12);
    assertEquals(only(findings(same, 0.01)).outcome(), Outcome.UNDECIDED);
    assertEquals(only(findings(same, 0.1)).outcome(), Outcome.TOLERATED);
    StudyRecords one =
        new StudyRecords()
            .scores(run("a", "fp32"), ITEMS, answers(30, 40))
            .scores(run("a", "w8"), ITEMS, answers(29, 40));
    assertEquals(
        only(findings(one, 0.01)).interval().orElseThrow().low(), -0.11542585401508021, 1e-12);
    same.scores(run("b", "fp32"), ITEMS, answers(30, 40))
        .scores(run("b", "w8"), ITEMS, answers(30, 40));
    assertEquals(
        only(findings(same, 0.01)).interval().orElseThrow().high(), 0.047284498753851906, 1e-12);
  }

  private static StudyRecords ladder(Map<String, Integer> right) {
    StudyRecords study = new StudyRecords();
    right.forEach((scheme, count) -> study.scores(run("a", scheme), LINES, answers(count, 400)));
    return study;
  }

  /** The unbroken run counts: 3 bits do as well as 8, yet 4 bits fail above them. */
  @Test
  public void toleranceStopsAtTheFirstFailure() {
    Findings findings =
        findings(ladder(Map.of("fp32", 300, "w8", 300, "w4", 200, "w3", 300, "kv4", 299)), 0.05);
    Tolerance weights = findings.tolerances().get(0);
    assertEquals(weights.axis(), Axis.WEIGHTS);
    assertEquals(weights.bits(), OptionalInt.of(8));
    assertEquals(weights.stop().orElseThrow().bits(), 4);
    assertEquals(weights.stop().orElseThrow().outcome(), Outcome.NOT_TOLERATED);
    Tolerance cache = findings.tolerances().get(1);
    assertEquals(cache.axis(), Axis.CACHE);
    assertEquals(cache.bits(), OptionalInt.of(4));
    assertTrue(cache.stop().isEmpty());
  }

  /** One scheme of 4 bits is enough, but looking for the best of several costs Bonferroni. */
  @Test
  public void theBestSchemeOfItsBitsDecides() {
    Tolerance weights =
        findings(ladder(Map.of("fp32", 300, "w4", 200, "w4g64", 289)), 0.05)
            .tolerances()
            .getFirst();
    assertEquals(weights.steps().size(), 1);
    assertEquals(weights.steps().getFirst().best().scheme(), "w4g64");
    assertEquals(weights.steps().getFirst().schemes(), 2);
    assertEquals(weights.bits(), OptionalInt.of(4));
    PooledChange best = weights.steps().getFirst().best();
    double nearly = PooledChange.ALPHA / best.p();
    assertEquals(best.outcome((int) nearly), Outcome.TOLERATED);
    assertEquals(best.outcome((int) nearly + 1), Outcome.UNDECIDED);
  }

  @DataProvider
  public static Object[][] schemes() {
    return new Object[][] {
      {"fp32", "w4g64", Axis.WEIGHTS, OptionalInt.of(4), OptionalInt.empty()},
      {"fp32", "nf4", Axis.WEIGHTS, OptionalInt.of(4), OptionalInt.empty()},
      {"fp32", "q5_0", Axis.WEIGHTS, OptionalInt.of(5), OptionalInt.empty()},
      {"fp32", "w8a8", Axis.ACTIVATIONS, OptionalInt.of(8), OptionalInt.of(8)},
      {"w4", "w4a8", Axis.ACTIVATIONS, OptionalInt.of(8), OptionalInt.of(4)},
      {"fp32", "kv4", Axis.CACHE, OptionalInt.of(4), OptionalInt.empty()},
      {"stored", "stored+kv8", Axis.CACHE, OptionalInt.of(8), OptionalInt.empty()},
      {"fp32", "k4v2", Axis.CACHE, OptionalInt.empty(), OptionalInt.empty()},
      {"fp32", "w4+kv4", Axis.OTHER, OptionalInt.empty(), OptionalInt.empty()},
      {"fp32", "bf16", Axis.OTHER, OptionalInt.empty(), OptionalInt.empty()},
      {"w4", "kv4", Axis.OTHER, OptionalInt.empty(), OptionalInt.empty()},
    };
  }

  @Test(dataProvider = "schemes")
  public void readsWhatASchemeChanges(
      String base, String scheme, Axis axis, OptionalInt bits, OptionalInt weightBits) {
    assertEquals(
        SchemeChange.between(json(base), json(scheme)), new SchemeChange(axis, bits, weightBits));
  }

  private static String json(String scheme) {
    return Scheme.parse(scheme).canonicalJson();
  }

  @Test
  public void aTextThatIsNoSchemeHasNoAxis() {
    for (String broken : List.of("", "{}", "[1]", "{\"weights\":3", "null", "7")) {
      assertEquals(SchemeChange.between(json("fp32"), broken).axis(), Axis.OTHER, broken);
    }
  }

  @Test
  public void theOrderOfRecordsDoesNotMatter() {
    List<ItemRecord> records = new ArrayList<>(SyntheticStudy.records().records());
    Findings first = findings(records, 0.01);
    Collections.shuffle(records, new Random(3));
    assertEquals(findings(records, 0.01), first);
  }

  /** Whoever swaps the labels of two schemes gets another answer. */
  @Test
  public void labelsMatter() {
    Map<String, Integer> right = Map.of("fp32", 300, "w8", 299, "w4", 200);
    Map<String, Integer> swapped = Map.of("fp32", 300, "w4", 299, "w8", 200);
    Tolerance before = findings(ladder(right), 0.05).tolerances().getFirst();
    Tolerance after = findings(ladder(swapped), 0.05).tolerances().getFirst();
    assertEquals(before.bits(), OptionalInt.of(8));
    assertEquals(after.bits(), OptionalInt.empty());
    assertEquals(after.outcome(), Outcome.NOT_TOLERATED);
    assertNotEquals(before, after);
  }

  @Test
  public void oneItemHasNoInterval() {
    PooledChange one =
        only(
            findings(
                new StudyRecords()
                    .scores(run("a", "fp32"), ITEMS, 1)
                    .scores(run("a", "w4"), ITEMS, 0),
                0.01));
    assertEquals(one.effect(), -1.0);
    assertTrue(one.interval().isEmpty());
    assertEquals(one.outcome(), Outcome.UNDECIDED);
    assertEquals(one.itemsToDecide(), OptionalLong.empty());
    assertEquals(one.retention().orElseThrow(), 0.0);
  }

  @Test
  public void oneSchemeHasNothingToCompare() {
    Findings alone = findings(new StudyRecords().scores(run("a", "fp32"), ITEMS, 1, 0), 0.01);
    assertTrue(alone.changes().isEmpty() && alone.tolerances().isEmpty());
    assertTrue(alone.claims().stream().allMatch(c -> c.status() == Claim.Status.NOT_TESTED));
  }

  /** A scheme without a finite value is not flattered by leaving its items out. */
  @Test
  public void aBrokenValueLeavesThePoolUndefined() {
    PooledChange one =
        only(
            findings(
                new StudyRecords()
                    .text(run("a", "fp32"), "text", 10, 20, 30)
                    .text(run("a", "w2"), "text", 10, 50, Double.NaN),
                0.01));
    assertTrue(one.isBroken() && one.gain().isEmpty() && Double.isNaN(one.effect()));
    assertEquals(one.outcome(), Outcome.UNDECIDED);
  }

  /** A baseline that only guesses has nothing to retain. */
  @Test
  public void retentionNeedsABaselineAboveChance() {
    PooledChange one =
        only(
            findings(
                new StudyRecords()
                    .scores(run("a", "fp32"), ITEMS, 1, 0, 0, 0)
                    .scores(run("a", "w4"), ITEMS, 1, 1, 0, 0),
                0.01));
    assertTrue(one.retention().isEmpty());
    assertEquals(one.belowChance(), 1);
  }
}
