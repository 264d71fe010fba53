// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.published.LowBits;
import io.lowbit.stats.Claim.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.testng.annotations.Test;

/** Each kind of test on numbers small enough to compute by hand. */
public class FindingTestsTest {
  private static final List<String> ANY = List.of();

  private static Selection low(String... bits) {
    return new Selection(List.of(bits), ANY, ANY, ANY, ANY, ANY, ANY, ANY);
  }

  private static Selection task(String bits, String task) {
    return new Selection(List.of(bits), ANY, ANY, ANY, ANY, List.of(task), ANY, ANY);
  }

  private static LowBits weights(int bits) {
    OptionalInt none = OptionalInt.empty();
    return new LowBits(bits == 16 ? none : OptionalInt.of(bits), none, none, none, "");
  }

  private static Observation one(
      String model, double billions, int bits, String task, String type, double value) {
    boolean isShare = !type.equals("perplexity");
    return new Observation(
        model,
        OptionalDouble.of(billions),
        bits == 16 ? "full" : "w" + bits,
        weights(bits),
        task,
        isShare ? "acc" : "ppl",
        "",
        type,
        value,
        isShare,
        isShare ? OptionalDouble.of(0.25) : OptionalDouble.empty(),
        isShare);
  }

  /** Score of a model at 16 and at 4 bits. */
  private static List<Observation> pair(
      String model, double billions, String task, double base, double quantized) {
    return List.of(
        one(model, billions, 16, task, "basic", base),
        one(model, billions, 4, task, "basic", quantized));
  }

  @SafeVarargs
  private static Observations of(List<Observation>... groups) {
    Map<Observations.Full, Double> full = new HashMap<>();
    List<Observation> all = new ArrayList<>();
    for (List<Observation> group : groups) {
      for (Observation one : group) {
        all.add(one);
        if (one.bits().isFull()) {
          full.put(new Observations.Full(one.model(), one.score()), one.value());
        }
      }
    }
    return new Observations(all, full);
  }

  /** −0.01, −0.02, −0.03: mean −0.02, standard error 0.01/√3, t(2) 4.302653. */
  @Test
  public void meanOfModels() {
    Observations three =
        of(
            pair("a", 1, "t", 0.50, 0.49),
            pair("b", 2, "t", 0.60, 0.58),
            pair("c", 3, "t", 0.70, 0.67));
    Outcome outcome = new MeanTest(low("w4"), Quantity.CHANGE, Side.ABOVE, -0.05).test(three);
    assertEquals(outcome.value(), -0.02, 1e-12);
    assertEquals(outcome.interval().orElseThrow().low(), -0.02 - 4.302653 * 0.0057735, 1e-6);
    assertEquals(outcome.unit(), "models");
    assertEquals(outcome.status(), Status.HOLDS);
    assertEquals(status(three, Side.ABOVE, -0.02), Status.UNDECIDED);
    assertEquals(status(three, Side.ABOVE, 0.01), Status.FAILS);
    assertEquals(status(three, Side.BELOW, 0.01), Status.HOLDS);
  }

  private static Status status(Observations observations, Side side, double threshold) {
    return new MeanTest(low("w4"), Quantity.CHANGE, side, threshold).test(observations).status();
  }

  /** (0.40 − 0.25) / (0.65 − 0.25) = 0.375. */
  @Test
  public void whatIsLeftAboveChance() {
    Observation quantized = one("a", 1, 4, "t", "basic", 0.40);
    assertEquals(
        Quantity.RETENTION.of(quantized, OptionalDouble.of(0.65)).orElseThrow(), 0.375, 1e-12);
    assertTrue(
        Quantity.RETENTION.of(quantized, OptionalDouble.of(0.27)).isEmpty(),
        "0.02 above chance is noise");
    assertEquals(Quantity.RATIO.of(quantized, OptionalDouble.of(0.5)).orElseThrow(), 0.8, 1e-12);
    assertEquals(
        Quantity.LN_RATIO.of(quantized, OptionalDouble.of(0.5)).orElseThrow(),
        Math.log(0.8),
        1e-12);
    assertTrue(Quantity.CHANGE.of(quantized, OptionalDouble.empty()).isEmpty());
  }

  /** One model: its tasks are the sample. */
  @Test
  public void fewModelsAreSampledByTask() {
    Observations oneModel = of(pair("a", 1, "t", 0.5, 0.4), pair("a", 1, "u", 0.5, 0.3));
    Outcome outcome = new MeanTest(low("w4"), Quantity.CHANGE, Side.BELOW, 0).test(oneModel);
    assertEquals(outcome.unit(), "tasks");
    assertEquals(outcome.n(), 2);
    assertEquals(outcome.value(), -0.15, 1e-12);
  }

  /** Task u loses 0.1 more than t in every model. */
  @Test
  public void oneTaskAgainstAnother() {
    Observations three =
        of(
            pair("a", 1, "t", 0.5, 0.50), pair("a", 1, "u", 0.5, 0.40),
            pair("b", 2, "t", 0.6, 0.58), pair("b", 2, "u", 0.6, 0.47),
            pair("c", 3, "t", 0.7, 0.66), pair("c", 3, "u", 0.7, 0.57));
    PairedTest test =
        new PairedTest(
            task("w4", "u"), task("w4", "t"), PairedTest.Over.MODELS, Quantity.CHANGE, Side.BELOW);
    Outcome outcome = test.test(three);
    assertEquals(outcome.value(), -0.1, 1e-12);
    assertEquals(outcome.n(), 3);
    assertEquals(outcome.status(), Status.HOLDS);
    PairedTest turned =
        new PairedTest(
            task("w4", "t"), task("w4", "u"), PairedTest.Over.MODELS, Quantity.CHANGE, Side.BELOW);
    assertEquals(turned.test(three).status(), Status.FAILS);
  }

  @Test
  public void aMissingSideIsNamed() {
    Observations none = of(pair("a", 1, "t", 0.5, 0.4));
    PairedTest test =
        new PairedTest(
            task("w4", "t"),
            task("kv4", "t"),
            PairedTest.Over.MODELS_AND_TASKS,
            Quantity.CHANGE,
            Side.BELOW);
    Outcome outcome = test.test(none);
    assertEquals(outcome.status(), Status.NOT_TESTED);
    assertEquals(outcome.notes(), List.of("it needs kv4; here are full, w4"));
    Outcome otherTask =
        new MeanTest(task("w4", "longeval"), Quantity.CHANGE, Side.ABOVE, 0).test(none);
    assertEquals(otherTask.notes(), List.of("it needs longeval; here are t"));
  }

  /** Spearman of a monotone row is 1. */
  @Test
  public void trendWithSize() {
    Observations rising =
        of(
            pair("a", 1, "t", 0.65, 0.35), pair("b", 2, "t", 0.65, 0.40),
            pair("c", 4, "t", 0.65, 0.42), pair("d", 8, "t", 0.65, 0.50),
            pair("e", 16, "t", 0.65, 0.49), pair("f", 32, "t", 0.65, 0.60));
    Outcome outcome = new SizeTrendTest(low("w4"), Quantity.RETENTION, Side.ABOVE).test(rising);
    // One swap of neighbours among six: 1 − 6·2/(6·35).
    assertEquals(outcome.value(), 1 - 12 / 210.0, 1e-12);
    assertEquals(outcome.status(), Status.HOLDS);
    assertEquals(
        new SizeTrendTest(low("w4"), Quantity.RETENTION, Side.BELOW).test(rising).status(),
        Status.FAILS);
    Outcome few =
        new SizeTrendTest(low("w4"), Quantity.RETENTION, Side.ABOVE)
            .test(of(pair("a", 1, "t", 0.65, 0.35)));
    assertEquals(few.status(), Status.NOT_TESTED);
  }

  @Test
  public void trendWithBits() {
    List<Observation> falling = new ArrayList<>();
    List<Observation> flat = new ArrayList<>();
    double[] noise = {0.02, -0.02, -0.02, 0.02};
    int[] bits = {16, 8, 4, 3};
    for (int model = 0; model < 20; model++) {
      for (int i = 0; i < bits.length; i++) {
        String name = "m" + model;
        falling.add(one(name, 1, bits[i], "t", "basic", 0.3 + 0.02 * bits[i]));
        double sign = model % 2 == 0 ? 1 : -1;
        flat.add(one(name, 1, bits[i], "t", "basic", 0.5 + sign * noise[i]));
      }
    }
    BitsTrendTest test = new BitsTrendTest(low("w8", "w4", "w3"));
    assertEquals(test.test(of(falling)).status(), Status.FAILS);
    assertEquals(test.test(of(falling)).n(), 80);
    Outcome none = test.test(of(flat));
    assertEquals(none.value(), 0, 1e-9);
    assertEquals(none.status(), Status.HOLDS);
  }

  /** Accuracy falls exactly with ln perplexity in t and not at all in u. */
  @Test
  public void perplexityAgainstScores() {
    List<Observation> runs = new ArrayList<>();
    double[] zigzag = {0.5, 0.6, 0.6, 0.5, 0.5, 0.6, 0.6, 0.5};
    for (int i = 0; i < 8; i++) {
      String model = "m" + i;
      runs.add(one(model, 1, 4, "text", "perplexity", Math.exp(1 + 0.1 * i)));
      runs.add(one(model, 1, 4, "t", "basic", 0.9 - 0.05 * i));
      runs.add(one(model, 1, 4, "u", "basic", zigzag[i]));
    }
    Outcome outcome = new PerplexityTest(low("w4"), false).test(of(runs));
    assertEquals(outcome.value(), 0.5, 1e-12);
    assertEquals(outcome.n(), 2);
    assertEquals(outcome.status(), Status.UNDECIDED);
    assertTrue(outcome.notes().getFirst().startsWith("Not predicted: u acc"), "" + outcome);
  }

  /** The large model needs less in one pair and more in the other, which does not count. */
  @Test
  public void largerModelInLessMemory() {
    Observations models =
        of(
            List.of(
                one("small", 1, 16, "t", "basic", 0.5),
                one("small", 1, 16, "memory", "efficiency", 2.0),
                one("large", 4, 4, "t", "basic", 0.6),
                one("large", 4, 4, "memory", "efficiency", 1.9),
                one("large", 4, 8, "t", "basic", 0.7),
                one("large", 4, 8, "memory", "efficiency", 4.0)));
    Selection where = new Selection(ANY, ANY, ANY, ANY, ANY, List.of("t"), ANY, ANY);
    Outcome outcome = new LargerModelTest(where, "memory").test(models);
    assertEquals(outcome.notes(), List.of("large w4 against small: +10.0 points."));
  }
}
