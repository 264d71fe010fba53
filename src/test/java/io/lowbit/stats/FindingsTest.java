// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static io.lowbit.testing.SmallStudies.QUIZ;
import static io.lowbit.testing.SmallStudies.alone;
import static io.lowbit.testing.SmallStudies.answers;
import static io.lowbit.testing.SmallStudies.configuration;
import static io.lowbit.testing.SmallStudies.eightConfigurations;
import static io.lowbit.testing.SmallStudies.run;
import static io.lowbit.testing.SmallStudies.twoPairs;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.SizePair.Winner;
import io.lowbit.testing.StudyRecords;
import io.lowbit.testing.StudyRecords.Benchmark;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.Test;

/**
 * Perplexity against accuracy, size against quality, and the papers' findings. Coefficients,
 * intervals and p-values are SciPy's or follow from a formula given beside them.
 */
public class FindingsTest {
  private static final Benchmark MATHS = new Benchmark("maths", "emergent", 0, 1);
  private static final Benchmark LINES = new Benchmark("lines", "long-context", 0, 1);

  private static Findings findings(StudyRecords study) {
    List<ItemRecord> records = study.records();
    return Findings.of(
        records,
        Comparison.of(records, new Comparison.Settings(Optional.of("fp32"), 0.95, 0.05, 0.01)));
  }

  /** scipy.stats.pearsonr with its interval, spearmanr, and r of the values centered per model. */
  @Test
  public void correlatesConfigurations() {
    Findings findings = findings(eightConfigurations());
    PerplexityAnswer answer = findings.perplexity();
    assertEquals(answer.n(), 8);
    assertEquals(answer.pooled().value(), -0.9943024605173173, 1e-12);
    assertEquals(answer.pooled().interval().orElseThrow().low(), -0.9990105961197258, 1e-9);
    assertEquals(answer.pooled().interval().orElseThrow().high(), -0.9675540279078451, 1e-9);
    assertEquals(answer.correlation().pooled().get(1).value(), -0.9940297973880048, 1e-12);
    GroupedCorrelation within = answer.correlation().within().orElseThrow();
    assertEquals(within.within(), -0.9884788356751996, 1e-12);
    assertEquals(within.interval().orElseThrow().high(), -0.9209865080033491, 1e-9);
    assertEquals(answer.lowest(), -0.9997007068039684, 1e-12);
    assertEquals(answer.highest(), -0.9901984471510404, 1e-12);
    assertEquals(findings.claim(Kind.PERPLEXITY_TRACKS).status(), Status.HOLDS);
  }

  /** A model that falls apart loses its stereotypes too: no gain, so they stay out of the pools. */
  @Test
  public void leavesMeasuresOfBiasOut() {
    Findings without = findings(eightConfigurations());
    StudyRecords study = eightConfigurations();
    study.records().stream()
        .map(one ->
            new StudyRecords.Run(one.model(), one.modelParameters(), one.scheme(), one.modelBits()))
        .distinct()
        .forEach(run ->
            study.bias(
                run,
                "pairs",
                run.scheme().equals("fp32")
                    ? new double[] {1, 1, 1, 1}
                    : new double[] {0, 1, 0, 0}));
    Findings with = findings(study);
    assertEquals(with.leftOut(), List.of("pairs"));
    assertEquals(with.overall(), without.overall());
    assertEquals(with.changes(), without.changes());
    assertEquals(with.size().configurations().all(), without.size().configurations().all());
  }

  /** Accuracy that rises with perplexity contradicts the papers, and the rule says so. */
  @Test
  public void saysThatPerplexityMisleads() {
    StudyRecords study = new StudyRecords();
    String[] schemes = {"fp32", "w8", "w6", "w5", "w4", "w3"};
    for (int i = 0; i < schemes.length; i++) {
      configuration(study, run("little", schemes[i]), 10 + i, 40 + 3 * i + i % 2);
    }
    assertEquals(findings(study).claim(Kind.PERPLEXITY_TRACKS).status(), Status.FAILS);
  }

  @Test
  public void threeConfigurationsAreRefused() {
    StudyRecords study = new StudyRecords();
    configuration(study, run("little", "fp32"), 10, 50);
    configuration(study, run("little", "w8"), 11, 48);
    configuration(study, run("little", "w4"), 12, 40);
    Findings findings = findings(study);
    assertEquals(findings.perplexity().n(), 3);
    assertEquals(findings.claim(Kind.PERPLEXITY_TRACKS).status(), Status.NOT_TESTED);
  }

  @Test
  public void withoutPerplexityThereIsNoCorrelation() {
    Findings findings =
        findings(
            new StudyRecords()
                .scores(run("little", "fp32"), QUIZ, 1, 0, 1)
                .scores(run("little", "w4"), QUIZ, 1, 0, 0));
    assertEquals(findings.perplexity().n(), 0);
    assertTrue(findings.size().perplexityFront().isEmpty());
    assertEquals(findings.size().accuracyFront().size(), 2, "smaller, and better");
  }

  /** Models that cut the text into other tokens have perplexities in other units. */
  @Test
  public void seesThatModelsCountOtherTokens() {
    StudyRecords study = new StudyRecords();
    for (String scheme : List.of("fp32", "w8", "w4")) {
      study.text(run("little", scheme), "text", 10, 20, 22);
      study.text(run("big", scheme), "text", 12, 20, 22);
    }
    Findings findings = findings(study);
    assertFalse(findings.perplexity().isSameText());
    assertTrue(findings.size().perplexityFront().isEmpty());
    assertTrue(findings(eightConfigurations()).perplexity().isSameText());
  }

  /**
   * 4000·8.25 bits are 1.03 of 1000·32 and 4000·2.25 are 1.09 of 1000·8.25, so both fit; mid-p of
   * (3, 14) .00754, of (5, 6) .774; Holm doubles the first.
   */
  @Test
  public void pairsLargerAtFewerBitsWithSmallerAtMore() {
    SizeAnswer size = findings(twoPairs()).size();
    assertEquals(size.pairs().size(), 2);
    SizePair first = size.pairs().get(0);
    assertEquals(first.smaller().scheme(), "fp32");
    assertEquals(first.larger().scheme(), "w8");
    assertEquals(first.memoryRatio(), 33.0 / 32, 1e-12);
    assertEquals(first.flips().orElseThrow(), new PairedBinary(23, 3, 14, 0));
    assertEquals(first.difference().value(), 0.275, 1e-12);
    assertEquals(first.interval().orElseThrow().low(), 0.08355539422048011, 1e-9);
    assertEquals(first.interval().orElseThrow().high(), 0.46644460577951996, 1e-9);
    assertEquals(first.p(), 0.007537841796874994, 1e-12);
    assertEquals(first.adjustedP(), 0.015075683593749988, 1e-12);
    assertEquals(first.winner(), Winner.LARGER);
    SizePair second = size.pairs().get(1);
    assertEquals(second.larger().scheme(), "w2");
    assertEquals(second.adjustedP(), 0.7744140625, 1e-9);
    assertEquals(second.winner(), Winner.UNDECIDED);
    assertEquals(size.mostTelling().orElseThrow(), first);
    assertEquals(size.count(Winner.LARGER), 1);
    assertEquals(findings(twoPairs()).claim(Kind.LARGER_WINS).status(), Status.HOLDS);
  }

  /** The same records with the models' answers exchanged contradict the papers. */
  @Test
  public void saysThatTheSmallerOneWins() {
    Findings findings =
        findings(
            new StudyRecords()
                .scores(run("big", "w8"), QUIZ, alone(3, 14, true))
                .scores(run("little", "fp32"), QUIZ, alone(3, 14, false))
                .scores(run("big", "fp32"), QUIZ, answers(40, 40)));
    assertEquals(findings.size().pairs().getFirst().winner(), Winner.SMALLER);
    assertEquals(findings.claim(Kind.LARGER_WINS).status(), Status.FAILS);
  }

  /** 4000·4.25 bits are .53 of 1000·32: the loss is one of memory too and contradicts nobody. */
  @Test
  public void aLossWithMuchLessMemoryDoesNotCount() {
    Findings findings =
        findings(
            new StudyRecords()
                .scores(run("big", "w4"), QUIZ, alone(3, 14, true))
                .scores(run("little", "fp32"), QUIZ, alone(3, 14, false))
                .scores(run("big", "fp32"), QUIZ, answers(40, 40)));
    SizePair pair = findings.size().pairs().getFirst();
    assertEquals(pair.winner(), Winner.SMALLER);
    assertTrue(pair.isMuchSmaller());
    assertEquals(findings.size().losses(), 0);
    assertEquals(findings.claim(Kind.LARGER_WINS).status(), Status.UNDECIDED);
    assertTrue(findings.size().mostTelling().isEmpty());
  }

  /** Of schemes of one size the one that leaves the rest alone stands for the size. */
  @Test
  public void oneSchemeStandsForEachSize() {
    StudyRecords study = new StudyRecords();
    for (String scheme : List.of("fp32", "kv4", "kv8")) {
      study.scores(run("little", scheme), QUIZ, answers(20, 40));
    }
    for (String scheme : List.of("fp32", "w8a8", "w8", "w4")) {
      study.scores(run("big", scheme), QUIZ, answers(30, 40));
    }
    List<SizePair> pairs = findings(study).size().pairs();
    assertEquals(pairs.size(), 1);
    assertEquals(pairs.getFirst().smaller().scheme(), "fp32");
    assertEquals(pairs.getFirst().larger().scheme(), "w8");
  }

  @Test
  public void oneModelHasNoPairs() {
    SizeAnswer size =
        findings(
                new StudyRecords()
                    .scores(run("little", "fp32"), QUIZ, answers(20, 40))
                    .scores(run("little", "w4"), QUIZ, answers(21, 40)))
            .size();
    assertTrue(size.pairs().isEmpty());
    assertEquals(size.configurations().models(), 1);
  }

  /** 1000·32/8e6 MB; a configuration beaten in size and score is off the front. */
  @Test
  public void drawsTheFront() {
    SizeAnswer size = findings(eightConfigurations()).size();
    List<String> front =
        size.accuracyFront().stream().map(one -> one.model() + " " + one.scheme()).toList();
    // By MB: little 3.25, 4.25, 8.25 bits; big 3.25 = 13 k, w4 17 k, little fp32 32 k (worse).
    assertEquals(
        front, List.of("little w3", "little w4", "little w8", "big w3", "big w4", "big w8"));
    assertEquals(size.accuracyFront().getFirst().megabytes(), 1000 * 3.25 / 8e6, 1e-15);
  }

  private static StudyRecords claims(int w8, int w4Lines, int kv4Lines, int w2) {
    StudyRecords study = new StudyRecords();
    int[] quiz = {300, w8, 296, 296, w2};
    int[] maths = {300, w8, 250, 296, w2};
    int[] lines = {300, w8, w4Lines, kv4Lines, w2};
    String[] schemes = {"fp32", "w8", "w4", "kv4", "w2"};
    for (int i = 0; i < schemes.length; i++) {
      study.scores(run("little", schemes[i]), QUIZ, answers(quiz[i], 400));
      study.scores(run("little", schemes[i]), MATHS, answers(maths[i], 400));
      study.scores(run("little", schemes[i]), LINES, answers(lines[i], 400));
    }
    return study;
  }

  @Test
  public void theFindingsOfThePapersHold() {
    Findings findings = findings(claims(299, 290, 240, 20));
    for (Kind kind :
        List.of(
            Kind.WEIGHTS_8_LOSSLESS,
            Kind.WEIGHTS_2_COLLAPSE,
            Kind.EMERGENT_LEAST,
            Kind.LONG_CONTEXT_LEAST,
            Kind.LONG_CONTEXT_CACHE)) {
      assertEquals(findings.claim(kind).status(), Status.HOLDS, kind.name());
    }
    assertEquals(findings.claim(Kind.CACHE_8_LOSSLESS).status(), Status.NOT_TESTED);
    // (240 − 290)/400: cache minus weights at 4 bits.
    assertEquals(findings.claim(Kind.LONG_CONTEXT_CACHE).value(), -0.125, 1e-12);
    // What is left above half: (20 − 150)/400.
    assertEquals(findings.claim(Kind.WEIGHTS_2_COLLAPSE).value(), -0.325, 1e-12);
    // Lines lose (10 + 60)/2/400 = .0875, the quiz 4/400.
    assertEquals(findings.claim(Kind.LONG_CONTEXT_LEAST).value(), -0.0775, 1e-12);
  }

  /** The same rules on records in which everything is the other way round. */
  @Test
  public void theFindingsOfThePapersFail() {
    Findings findings = findings(claims(150, 220, 299, 280));
    for (Kind kind :
        List.of(Kind.WEIGHTS_8_LOSSLESS, Kind.WEIGHTS_2_COLLAPSE, Kind.LONG_CONTEXT_CACHE)) {
      assertEquals(findings.claim(kind).status(), Status.FAILS, kind.name());
    }
  }
}
