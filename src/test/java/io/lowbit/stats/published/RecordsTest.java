// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Findings;
import io.lowbit.testing.StudyRecords;
import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.StudyRecords.Run;
import io.lowbit.testing.SyntheticStudy;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.Test;

/** Findings on records, and figures beside them. */
public class RecordsTest {
  private static final Benchmark ARC = new Benchmark("arc_easy", "emergent", 0.25, 1);

  private static double[] rightOf(int items, int right) {
    double[] scores = new double[items];
    Arrays.fill(scores, 0, right, 1);
    return scores;
  }

  private static Outcome outcome(List<ItemRecord> records, String id) {
    return Reproduction.onRecords(PublishedPaper.Id.LI2024, records).results().stream()
        .filter(one -> one.finding().id().equals(id))
        .findFirst()
        .orElseThrow()
        .outcome();
  }

  private static Comparison compared(List<ItemRecord> records) {
    return Comparison.of(records, Comparison.Settings.DEFAULT);
  }

  /** A finding that is a claim has the claim's number, interval and verdict. */
  @Test
  public void claimsAreTestedOnItems() {
    List<ItemRecord> records = SyntheticStudy.records().records();
    Findings findings = Findings.of(records, compared(records));
    int seen = 0;
    for (Reproduction.Result one :
        Reproduction.onRecords(PublishedPaper.Id.LI2024, records).results()) {
      if (one.finding().claim().isPresent()) {
        var claim = findings.claim(one.finding().claim().get());
        assertEquals(one.outcome().status(), claim.status(), one.finding().id());
        assertEquals(one.outcome().interval(), claim.interval(), one.finding().id());
        seen += claim.status() == Status.NOT_TESTED ? 0 : 1;
      }
    }
    assertTrue(seen >= 5, "only " + seen + " claims were tested");
  }

  /** 3 models × 6 benchmarks × 100 items under w4 and under w4g64; texts have no score. */
  @Test
  public void theSampleOfAClaimIsItsItems() {
    Outcome outcome = outcome(SyntheticStudy.records().records(), "w4-nearly-lossless");
    assertEquals(outcome.unit(), "items");
    assertEquals(outcome.n(), 3 * 6 * 100 * 2);
  }

  /** All right without low bits, all wrong with two: nothing is left. */
  @Test
  public void aDestroyedModelIsSeen() {
    List<ItemRecord> records =
        new StudyRecords()
            .scores(Run.of("m", 1000, "fp32"), ARC, rightOf(100, 90))
            .scores(Run.of("m", 1000, "w2"), ARC, rightOf(100, 20))
            .records();
    assertEquals(outcome(records, "w2-collapse").status(), Status.HOLDS);
    assertEquals(outcome(records, "kv2-collapse").status(), Status.NOT_TESTED);
    assertEquals(
        outcome(records, "kv2-collapse").notes(),
        List.of("it needs kv2 by rounding to nearest;" + " here are fp32, w2"));
    assertEquals(
        outcome(records, "loss-grows-with-context").notes(),
        List.of("it needs longeval-lines at 680 lines; here are arc-e"));
  }

  /** ARC-e of LLaMA2-7B-chat under w4, from the table: 100 × share. */
  @Test
  public void aFigureStandsBesideTheSameModelBitsAndTask() {
    List<ItemRecord> records =
        new StudyRecords()
            .scores(Run.of("Llama-2-7b-chat-hf", 1000, "fp32"), ARC, rightOf(100, 60))
            .scores(Run.of("Llama-2-7b-chat-hf", 1000, "w4g128"), ARC, rightOf(100, 58))
            .scores(Run.of("Llama-2-7b-chat-hf", 1000, "w4g64"), ARC, rightOf(100, 57))
            .scores(Run.of("demo-s", 1000, "w4g128"), ARC, rightOf(100, 30))
            .records();
    List<PublishedMatch> matches = PublishedMatch.of(compared(records));
    assertEquals(
        matches.stream().map(one -> one.here().key().scheme()).toList(),
        List.of("fp32", "w4g128"),
        "another group is another scheme, another model has no figure");
    PublishedMatch quantized = matches.getLast();
    assertEquals(quantized.figure().scheme(), "fp16+w4g128+compat");
    assertEquals(quantized.figure().model(), "LLaMA2-7B-chat");
    assertEquals(quantized.value(), quantized.figure().value() / 100, 1e-12);
    assertEquals(quantized.here().value(), 0.58, 1e-12);
  }

  /** A perplexity stands beside a perplexity in the unit of the paper. */
  @Test
  public void aPerplexityHasItsFigureToo() {
    List<ItemRecord> records =
        new StudyRecords()
            .text(Run.of("Qwen-7B-Chat", 1000, "fp32"), "wikitext", 10, 21, 22)
            .records();
    List<PublishedMatch> matches = PublishedMatch.of(compared(records));
    assertEquals(matches.size(), 1);
    assertEquals(matches.getFirst().value(), 8.67);
    assertEquals(matches.getFirst().here().value(), Math.exp(43 / 20.0), 1e-9);
  }

  /** One long-context benchmark: 3 models × 100 items under kv4 and under each of w4 and w4g64. */
  @Test
  public void aClaimAboutLongContextsCountsTheirItems() {
    Outcome outcome = outcome(SyntheticStudy.records().records(), "long-context-cache");
    assertEquals(outcome.n(), 3 * 100 * 3);
  }

  @Test
  public void modelsOfNoPaperHaveNoFigures() {
    assertEquals(PublishedMatch.of(compared(SyntheticStudy.records().records())), List.of());
  }
}
