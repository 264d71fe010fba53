// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.testng.annotations.Test;

/** Published and recomputed reference values, small enough to check where no golden files are. */
public class ReferenceValuesTest {
  private static final double[] ANSCOMBE_X = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
  private static final double[] ANSCOMBE_Y = {
    8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68
  };

  private static void near(Interval interval, double low, double high) {
    assertEquals(interval.low(), low, 1e-9);
    assertEquals(interval.high(), high, 1e-9);
  }

  /** Anscombe's first set, SciPy. */
  @Test
  public void anscombe() {
    List<Correlation> all = Correlation.all(ANSCOMBE_X, ANSCOMBE_Y, 0.95);
    assertEquals(all.get(0).value(), 0.8164205163448395, 1e-13);
    assertEquals(all.get(0).p(), 0.0021696288730788, 1e-12);
    near(all.get(0).interval().orElseThrow(), 0.4243912133932, 0.9506932537866);
    assertEquals(all.get(1).value(), 0.8181818181818, 1e-12);
    assertEquals(all.get(1).p(), 0.0020831448405, 1e-12);
    assertEquals(all.get(2).value(), 0.6363636363636, 1e-12);
    assertEquals(all.get(2).p(), 0.0057071709155, 1e-12);
  }

  /** Ties, SciPy. */
  @Test
  public void ties() {
    double[] x = {12, 2, 1, 12, 2};
    double[] y = {1, 4, 7, 1, 0};
    Correlation kendall = Correlation.of(Correlation.Coefficient.KENDALL, x, y, 0.95);
    assertEquals(kendall.value(), -0.4714045207910, 1e-12);
    assertEquals(kendall.p(), 0.2827454599327, 1e-12);
    assertEquals(new Pairs(x, y).spearman(), -0.5407380704359, 1e-12);
  }

  /** All 720 pairings of six values: 54 are as extreme. */
  @Test
  public void exactPermutation() {
    Pairs pairs = new Pairs(new double[] {1, 2, 3, 4, 5, 6}, new double[] {2, 1, 4, 3, 7, 5});
    Permutations all = Permutations.ofPearson(pairs, new Clusters(new int[6], 1), 0, 0);
    assertEquals(all.arrangements(), 720);
    assertEquals(all.twoSided(), 54);
    assertEquals(all.p(), 0.075);
  }

  /** Fewer than 4 pairs give no interval, fewer than 10 a warning, constant input no number. */
  @Test
  public void smallAndConstantSamplesSpeak() {
    Correlation three =
        Correlation.of(
            Correlation.Coefficient.PEARSON, new double[] {1, 2, 3}, new double[] {2, 1, 5}, 0.95);
    assertTrue(three.interval().isEmpty());
    assertEquals(three.notes().size(), 2);
    Correlation constant =
        Correlation.of(
            Correlation.Coefficient.PEARSON,
            new double[] {1, 1, 1, 1},
            new double[] {2, 1, 5, 3},
            0.95);
    assertTrue(Double.isNaN(constant.value()));
    assertTrue(constant.notes().getFirst().contains("x has the same value"));
    Correlation missing =
        Correlation.of(
            Correlation.Coefficient.SPEARMAN,
            new double[] {1, Double.NaN, 3, 4, 5},
            new double[] {2, 1, 5, Double.NaN, 7},
            0.95);
    assertEquals(missing.n(), 3);
  }

  /** Partial correlation, pingouin. */
  @Test
  public void partial() {
    PartialCorrelation partial =
        PartialCorrelation.of(
            new double[] {2, 4, 15, 20},
            new double[] {1, 2, 3, 4},
            new double[][] {{0, 0, 1, 1}},
            0.95);
    assertEquals(partial.value(), 0.9191450300181, 1e-12);
  }

  /** McNemar, statsmodels and Fagerland et al. 2013. */
  @Test
  public void mcnemar() {
    PairedBinary table = new PairedBinary(500, 10, 4, 100);
    assertEquals(table.exactP(), 0.1795654297, 1e-10);
    assertEquals(table.midP(), 0.1184692383, 1e-10);
    assertEquals(table.chiSquared(), 2.5714285714, 1e-10);
    assertEquals(table.correctedChiSquared(), 1.7857142857, 1e-10);
    assertEquals(new PairedBinary(0, 25, 12, 0).midP(), 0.0335524397, 1e-10);
    assertEquals(new PairedBinary(5, 0, 0, 5).midP(), 1.0);
  }

  /** Proportions, statsmodels. */
  @Test
  public void proportions() {
    Proportion p = new Proportion(45, 50);
    near(p.wilson(0.95), 0.7863976857, 0.9565242351);
    near(p.clopperPearson(0.95), 0.7818646336, 0.9667249064);
    near(p.jeffreys(0.95), 0.7946451720, 0.9608056358);
    assertEquals(new Proportion(0, 30).wilson(0.95).high(), 0.1135133932, 1e-9);
    assertThrows(IllegalArgumentException.class, () -> new Proportion(3, 2));
  }

  /** Four triples: naive, CR0, CR1 and Miller's form. */
  @Test
  public void clusters() {
    ClusteredMean mean =
        ClusteredMean.of(
            new double[] {1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1},
            new Clusters(new int[] {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}, 4));
    assertEquals(mean.naive(), 0.1421338109, 1e-10);
    assertEquals(mean.cr0(), 0.1178511302, 1e-10);
    assertEquals(mean.cr1(), 0.1360827635, 1e-10);
    assertEquals(mean.miller(), 0.1247893849, 1e-10);
  }

  /** Two one-sided paired t tests, statsmodels. */
  @Test
  public void equivalence() {
    double[] q = {.512, .498, .503, .521, .489, .507, .515, .496, .501, .509};
    double[] f = {.515, .501, .500, .524, .493, .511, .514, .499, .505, .512};
    PairedDifference paired = PairedDifference.of(f, q);
    Equivalence test = paired.equivalence(0.005);
    assertEquals(paired.mean(), -0.0023, 1e-12);
    assertEquals(paired.standardDeviation(), 0.0023593784, 1e-10);
    assertEquals(test.lowerStatistic(), 3.6188131180, 1e-8);
    assertEquals(test.p(), 0.0027910357, 1e-9);
    assertEquals(
        test.verdict(paired.interval(0.95).orElseThrow(), 0.05), Verdict.WORSE_WITHIN_MARGIN);
    assertThrows(IllegalArgumentException.class, () -> paired.equivalence(0));
  }

  /** A family of five, statsmodels and R. */
  @Test
  public void adjustedP() {
    double[] p = {.01, .04, .03, .005, .2};
    double[][] expected = {
      {.05, .2, .15, .025, 1},
      {.04, .09, .09, .025, .2},
      {.04, .08, .08, .025, .2},
      {.04, .08, .06, .025, .2},
      {.025, .05, .05, .025, .2},
    };
    Multiplicity.Method[] methods = {
      Multiplicity.Method.BONFERRONI,
      Multiplicity.Method.HOLM,
      Multiplicity.Method.HOCHBERG,
      Multiplicity.Method.HOMMEL,
      Multiplicity.Method.BENJAMINI_HOCHBERG,
    };
    for (int m = 0; m < methods.length; m++) {
      double[] adjusted = Multiplicity.adjust(methods[m], p);
      for (int i = 0; i < p.length; i++) {
        assertEquals(adjusted[i], expected[m][i], 1e-12, methods[m].name());
      }
    }
  }

  /** Divergences of two distributions, NumPy. */
  @Test
  public void divergence() {
    Divergence d = Divergence.of(new double[] {.7, .2, .1}, new double[] {.6, .25, .15});
    assertEquals(d.kl(), 0.0227302548, 1e-10);
    assertEquals(d.reverseKl(), 0.0241152461, 1e-10);
    assertEquals(d.jensenShannon(), 0.0058336780, 1e-10);
    assertEquals(d.totalVariation(), 0.1, 1e-12);
  }

  /** Perplexity from window sums: three windows of 10 tokens, and the ratio's error by hand. */
  @Test
  public void perplexityFromWindows() {
    double[] base = {20, 30, 25};
    double[] quant = {21, 30, 27};
    double[] tokens = {10, 10, 10};
    PerplexityRatio ratio = PerplexityRatio.of(base, quant, tokens, Clusters.singletons(3));
    assertEquals(ratio.base().lnValue(), 2.5, 1e-12);
    assertEquals(ratio.lnRatio(), 0.1, 1e-12);
    // Per-window means differ by .1, 0, .2: sd .1, standard error .1/√3.
    assertEquals(ratio.lnStandardError(), 0.1 / Math.sqrt(3), 1e-12);
    // t(2) at 97.5 % is 4.302652729911275.
    double half = 4.302652729911275 * 0.1 / Math.sqrt(3);
    near(ratio.lnInterval(0.95).orElseThrow(), 0.1 - half, 0.1 + half);
    Perplexity single = Perplexity.of(new double[] {20}, new double[] {10}, Clusters.singletons(1));
    assertTrue(single.interval(0.95).isEmpty());
  }

  /** Seeded, and the same on one thread as on four. */
  @Test
  public void bootstrapDoesNotDependOnThreads() throws Exception {
    double[] x = ANSCOMBE_Y;
    double[] alone;
    double[] together;
    try (ForkJoinPool one = new ForkJoinPool(1);
        ForkJoinPool four = new ForkJoinPool(4)) {
      alone = one.submit(() -> replicates(x)).get();
      together = four.submit(() -> replicates(x)).get();
    }
    assertEquals(alone, together);
    assertEquals(alone.length, 500);
    Bootstrap bootstrap = new Bootstrap(Moments.mean(x), alone, x);
    // The bootstrap's standard error of a mean is sd_n/√n, here .5845 up to Monte Carlo noise.
    assertEquals(bootstrap.standardError(), 0.5845, 0.06);
  }

  private static double[] replicates(double[] x) {
    return Bootstrap.of(
            x.length,
            drawn -> Arrays.stream(drawn).mapToDouble(i -> x[i]).average().orElseThrow(),
            500,
            7)
        .replicates();
  }

  /** Within two models the sign turns. */
  @Test
  public void simpson() {
    Pairs pairs = new Pairs(new double[] {1, 2, 3, 11, 12, 13}, new double[] {3, 2, 1, 13, 12, 11});
    GroupedCorrelation grouped =
        GroupedCorrelation.of(pairs, List.of("a", "a", "a", "b", "b", "b"), 0.95);
    assertEquals(grouped.within(), -1, 1e-12);
    assertTrue(grouped.pooled() > 0.9);
    assertTrue(grouped.signReversal());
    assertEquals(grouped.notes().size(), 1);
  }

  /** NaN is refused by position. */
  @Test
  public void nanIsRefused() {
    IllegalArgumentException error = null;
    try {
      SampleMean.of(new double[] {1, Double.NaN});
    } catch (IllegalArgumentException e) {
      error = e;
    }
    assertTrue(error != null && error.getMessage().contains("values[1]"));
  }
}
