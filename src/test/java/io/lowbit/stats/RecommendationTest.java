// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static io.lowbit.testing.SmallStudies.QUIZ;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.run;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Candidate.Outcome;
import io.lowbit.stats.Recommendation.Choice;
import io.lowbit.stats.Recommendation.Kind;
import io.lowbit.testing.StudyRecords;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.Test;

/**
 * The rule that says what to use. Numbers follow from the formulas beside them, worked out in
 * Python (tails of t by Simpson's rule).
 */
public class RecommendationTest {
  private static final TaskType BASIC = new TaskType("basic", false);

  private static Recommendation recommend(List<ItemRecord> records, double margin, Long... budget) {
    Comparison comparison =
        Comparison.of(records, new Comparison.Settings(Optional.of("fp32"), 0.95, margin, 0.01));
    return Guidance.of(records, comparison, List.of(budget)).recommendation();
  }

  private static Choice only(Recommendation recommendation) {
    assertEquals(recommendation.choices().size(), 1);
    return recommendation.choices().getFirst();
  }

  /** One model, four thousand questions; each scheme has this many right of 3,000. */
  private static StudyRecords study(Map<String, Integer> right) {
    StudyRecords study = new StudyRecords().scores(run("a", "fp32"), QUIZ, answers(3000, 4000));
    right.forEach((scheme, count) -> study.scores(run("a", scheme), QUIZ, answers(count, 4000)));
    return study;
  }

  @Test
  public void takesTheSmallestThatIsEquivalent() {
    Choice choice =
        only(recommend(study(Map.of("w8", 2999, "w4", 2995, "w2", 2000)).records(), 0.01));
    assertEquals(choice.kind(), Kind.USE);
    assertEquals(choice.candidate().orElseThrow().configuration().scheme(), "w4");
  }

  /** The scores stay as they are and only change their owners: each order has its own answer. */
  @Test
  public void followsTheLabels() {
    int[] right = {3000, 2995, 2000};
    Map<List<Integer>, String> expected =
        Map.of(
            List.of(0, 1, 2), "w4",
            List.of(0, 2, 1), "w2",
            List.of(1, 0, 2), "w4",
            List.of(1, 2, 0), "w2",
            List.of(2, 0, 1), "w2",
            List.of(2, 1, 0), "w2");
    expected.forEach((order, scheme) -> {
      StudyRecords study =
          study(
              Map.of(
                  "w8", right[order.get(0)],
                  "w4", right[order.get(1)],
                  "w2", right[order.get(2)]));
      Candidate chosen = only(recommend(study.records(), 0.01)).candidate().orElseThrow();
      assertEquals(chosen.configuration().scheme(), scheme, order.toString());
    });
    StudyRecords spoiled = study(Map.of("w8", 3000, "w4", 2000, "w2", 2000));
    Candidate chosen = only(recommend(spoiled.records(), 0.01)).candidate().orElseThrow();
    assertEquals(chosen.configuration().scheme(), "w8");
  }

  private static Recommendation equal(int items) {
    StudyRecords study = new StudyRecords();
    for (String scheme : List.of("fp32", "w8", "w4", "w2")) {
      study.scores(run("a", scheme), QUIZ, answers(items / 2, items));
    }
    return recommend(study.records(), 0.01);
  }

  /**
   * Without a flip the error is z/(n + z²). Three tests under Holm and a power of 0.8 ask (2.12805
   * + 1.28155)·1.95996/(n + 3.84146) ≤ 0.01, n = 664.41. At n = 500 the adjusted p of t =
   * 0.01·503.84 / 1.95996 = 2.5707 with 499 degrees of freedom is 3·0.005220 = 0.01566, so that
   * fewer do here.
   */
  @Test
  public void equalSchemesTurnFromUndecidedToTheSmallest() {
    Choice few = only(equal(100));
    assertEquals(few.kind(), Kind.UNDECIDED);
    assertEquals(few.candidate().orElseThrow().itemsToDecide().orElseThrow(), 665);
    assertEquals(few.baseline().orElseThrow().scheme(), "fp32");
    Choice many = only(equal(500));
    assertEquals(many.kind(), Kind.USE);
    assertEquals(many.candidate().orElseThrow().configuration().scheme(), "w2");
    assertEquals(many.candidate().orElseThrow().adjustedP(), 0.01566, 5e-5);
    boolean decided = false;
    for (int items = 50; items <= 800; items += 50) {
      boolean isUse = only(equal(items)).kind() == Kind.USE;
      assertTrue(isUse || !decided, items + " items undo what fewer decided");
      decided = isUse;
    }
    assertTrue(decided);
  }

  /** The number of items that the plan asks for, once given, passes its own planned test. */
  @Test
  public void thePlannedItemsAreEnough() {
    assertEquals(only(equal(665)).kind(), Kind.USE);
    assertTrue(only(equal(665)).candidate().orElseThrow().smallestMargin().orElseThrow() <= 0.01);
    assertTrue(only(equal(664)).candidate().orElseThrow().smallestMargin().orElseThrow() > 0.01);
  }

  /** 1,000 weights: 4,000 bytes at 32 bits, 1,031.25 at w8, 531.25 at w4. */
  @Test
  public void keepsToTheBudget() {
    List<ItemRecord> records = study(Map.of("w8", 3000, "w4", 2000)).records();
    assertEquals(only(recommend(records, 0.01, 400L)).kind(), Kind.NOTHING_FITS);
    assertEquals(only(recommend(records, 0.01, 600L)).kind(), Kind.NONE_GOOD);
    assertEquals(only(recommend(records, 0.01, 1032L)).kind(), Kind.USE);
    List<ItemRecord> bad = study(Map.of("w4", 2000)).records();
    assertEquals(only(recommend(bad, 0.01, 4000L)).kind(), Kind.BASELINE_ONLY);
  }

  /** The big model's w2 fits beside the little baseline, but only its w8 is as good. */
  @Test
  public void takesTheLargestModelThatIsSafe() {
    StudyRecords study =
        new StudyRecords()
            .scores(run("big", "fp32"), QUIZ, answers(3500, 4000))
            .scores(run("big", "w8"), QUIZ, answers(3500, 4000))
            .scores(run("big", "w2"), QUIZ, answers(2000, 4000))
            .scores(run("little", "fp32"), QUIZ, answers(3000, 4000))
            .scores(run("little", "w8"), QUIZ, answers(3000, 4000));
    Recommendation rule = recommend(study.records(), 0.01, 4000L, 5000L);
    Candidate small = rule.choice(BASIC, 0.004).candidate().orElseThrow();
    assertEquals(small.configuration().model(), "little");
    Candidate large = rule.choice(BASIC, 0.005).candidate().orElseThrow();
    assertEquals(large.configuration().model(), "big");
    assertEquals(large.configuration().scheme(), "w8");
  }

  @Test
  public void brokenScoresAreNeverRecommended() {
    StudyRecords study =
        new StudyRecords()
            .scores(run("a", "fp32"), QUIZ, answers(500, 1000))
            .scores(run("a", "w4"), QUIZ, broken());
    Recommendation rule = recommend(study.records(), 0.01);
    assertEquals(rule.candidates().getFirst().outcome(), Outcome.WORSE);
    assertEquals(only(rule).kind(), Kind.BASELINE_ONLY);
  }

  private static double[] broken() {
    double[] scores = answers(500, 1000);
    scores[7] = Double.NaN;
    return scores;
  }

  @Test
  public void theOrderOfRecordsIsNothing() {
    List<ItemRecord> records = study(Map.of("w8", 2999, "w4", 2995, "w2", 2000)).records();
    List<ItemRecord> shuffled = new ArrayList<>(records);
    Collections.shuffle(shuffled, new Random(3));
    assertEquals(recommend(shuffled, 0.01), recommend(records, 0.01));
  }

  /**
   * A cache scheme leaves the weights as large as they were: there is nothing smaller to choose.
   */
  @Test
  public void aCacheSchemeIsNoSmallerConfiguration() {
    StudyRecords study = study(Map.of("kv4", 3000));
    Recommendation rule = recommend(study.records(), 0.01);
    assertTrue(rule.candidates().isEmpty());
    assertEquals(only(rule).kind(), Kind.BASELINE_ONLY);
  }

  /** fp16 differs from fp32 in arithmetic alone, w8 in more: 2 flips of 100, both losses. */
  @Test
  public void findsThePairThatIsOnlyNoise() {
    double[] flipped = answers(50, 100);
    Arrays.fill(flipped, 0, 2, 0);
    StudyRecords study =
        new StudyRecords()
            .scores(run("a", "fp32"), QUIZ, answers(50, 100))
            .scores(run("a", "fp16"), QUIZ, flipped)
            .scores(run("a", "w8"), QUIZ, answers(40, 100));
    List<ItemRecord> records =
        study.records().stream()
            .map(one -> one.scheme().equals("fp16") ? StudyRecords.withBase(one, "F16") : one)
            .toList();
    Comparison comparison = Comparison.of(records, Comparison.Settings.DEFAULT);
    List<NullFloor> floors = Guidance.of(records, comparison, List.of()).floors();
    assertEquals(floors.size(), 1);
    assertEquals(floors.getFirst().first() + " " + floors.getFirst().second(), "fp32 fp16");
    assertEquals(floors.getFirst().difference(), "base F32 against F16");
    NullFloor.Row row = floors.getFirst().rows().getFirst();
    assertEquals(row.flips().orElseThrow(), Integer.valueOf(2));
    assertEquals(row.gain().value(), -0.02, 1e-15);
    assertFalse(row.reach() < 0.02);
  }
}
