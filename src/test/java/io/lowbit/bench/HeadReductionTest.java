// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.TargetScores;
import io.lowbit.backend.TopTokens;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.HeadReduction;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.Product.Data;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.ptx.LaunchReport;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The shipped head kernels on the interpreter, with all checks. */
public final class HeadReductionTest {
  @DataProvider
  Iterator<Object[]> samples() {
    return HeadCases.cases().filter(ConformanceCase::sample).map(c -> new Object[] {c}).iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithDoublePrecision(ConformanceCase sample) {
    InterpreterOptions deferred = InterpreterOptions.DEFAULT.withDeferred(true);
    try (InterpretedDriver driver = new InterpretedDriver(deferred);
        Kernels kernels = new Kernels(driver)) {
      ConformanceCase.Outcome outcome = sample.run(kernels);
      assertTrue(outcome.passed(), outcome.toString());
    }
  }

  /** Descriptions name cases. */
  @Test
  public void casesAreDistinct() {
    assertEquals(
        HeadCases.cases().map(ConformanceCase::description).distinct().count(),
        HeadCases.cases().count());
  }

  private static final int ROWS = 40;
  private static final int VOCABULARY = 150;
  private static final int COLUMNS = 90;
  private static final Product PRODUCT =
      Product.of(ROWS, VOCABULARY, COLUMNS, DType.BF16, Data.NORMAL).withoutBias();

  /** A device that holds {@link #PRODUCT}. */
  private static final class Rig implements AutoCloseable {
    final InterpretedDriver driver = new InterpretedDriver();
    final Kernels kernels = new Kernels(driver);
    final CaseMemory memory = new CaseMemory(driver);
    final DeviceMatrix hidden = memory.matrix(PRODUCT.x(), ROWS, COLUMNS, DType.BF16);
    final DeviceMatrix head = memory.matrix(PRODUCT.w(), VOCABULARY, COLUMNS, DType.BF16);

    @Override
    public void close() {
      memory.close();
      kernels.close();
      driver.close();
    }
  }

  /** All rows at once, in turns, and one by one use other tiles and give the same bits. */
  @Test
  public void rowsDoNotDependOnTheirNeighbours() {
    HeadCases.Targets targets = HeadCases.Targets.of(ROWS, VOCABULARY);
    int[] rows = IntStream.range(0, ROWS).toArray();
    try (Rig rig = new Rig();
        HeadReduction head = new HeadReduction(rig.kernels);
        HeadReduction inTurns = new HeadReduction(rig.kernels, 200)) {
      TargetScores scores = head.logProbs(rig.hidden, rig.head, targets.rows(), targets.ids());
      TopTokens top = head.topK(rig.hidden, rig.head, rows, 5);

      rig.driver.forgetLaunches();
      TargetScores again = inTurns.logProbs(rig.hidden, rig.head, targets.rows(), targets.ids());
      assertTrue(rig.driver.launches().size() > 3, "one turn only");
      assertEquals(again.logProbability(), scores.logProbability());
      assertEquals(again.rank(), scores.rank());
      TopTokens topAgain = inTurns.topK(rig.hidden, rig.head, rows, 5);
      assertEquals(topAgain.ids(), top.ids());
      assertEquals(topAgain.logProbabilities(), top.logProbabilities());

      for (int i = 0; i < targets.rows().length; i += 7) {
        DeviceMatrix alone = rig.hidden.rows(targets.rows()[i], 1);
        int[] target = {targets.ids()[i]};
        TargetScores one = head.logProbs(alone, rig.head, new int[1], target);
        assertEquals(one.logProbability()[0], scores.logProbability()[i]);
        assertEquals(one.rank()[0], scores.rank()[i]);
        TopTokens topOne = head.topK(alone, rig.head, new int[1], 5);
        assertEquals(topOne.ids()[0], top.ids()[targets.rows()[i]]);
        assertEquals(topOne.logProbabilities()[0], top.logProbabilities()[targets.rows()[i]]);
      }
    }
  }

  /** A target of rank r is the r-th of the likeliest, with the same bits. */
  @Test
  public void targetsAgreeWithTheLikeliest() {
    int[] rows = IntStream.range(0, ROWS).toArray();
    try (Rig rig = new Rig();
        HeadReduction head = new HeadReduction(rig.kernels)) {
      TopTokens top = head.topK(rig.hidden, rig.head, rows, HeadReduction.MOST_BEST);
      int[] best = head.argMax(rig.hidden, rig.head, rows);
      for (int rank : new int[] {0, 3, 15}) {
        int[] targets = Arrays.stream(top.ids()).mapToInt(ids -> ids[rank]).toArray();
        TargetScores scores = head.logProbs(rig.hidden, rig.head, rows, targets);
        for (int row = 0; row < ROWS; row++) {
          assertEquals(scores.rank()[row], rank);
          assertEquals(scores.logProbability()[row], top.logProbabilities()[row][rank]);
          assertEquals(best[row], top.ids()[row][0]);
        }
      }
    }
  }

  /** Probabilities of all tokens of a row add up to one: many targets of one row. */
  @Test
  public void allTokensOfARow() {
    int[] targets = IntStream.range(0, VOCABULARY).toArray();
    try (Rig rig = new Rig();
        HeadReduction head = new HeadReduction(rig.kernels)) {
      TargetScores scores = head.logProbs(rig.hidden, rig.head, new int[VOCABULARY], targets);
      assertEquals(Arrays.stream(scores.logProbability()).map(Math::exp).sum(), 1, 1e-5);
      int[] ranks = scores.rank().clone();
      Arrays.sort(ranks);
      assertEquals(ranks, targets);
    }
  }

  @DataProvider
  Object[][] tiles() {
    return new Object[][] {{8}, {32}, {128}};
  }

  /** Full tiles: weights and states are read in whole sectors, once, and without conflicts. */
  @Test(dataProvider = "tiles")
  public void readsNoMoreThanItMust(int rows) {
    int vocabulary = 128;
    int columns = 128;
    Product product = Product.of(rows, vocabulary, columns, DType.F16, Data.NORMAL);
    int[] all = IntStream.range(0, rows).toArray();
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        HeadReduction head = new HeadReduction(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.matrix(product.x(), rows, columns, DType.F16);
      DeviceMatrix w = memory.matrix(product.w(), vocabulary, columns, DType.F16);
      head.logProbs(x, w, all, all);
      List<LaunchReport> launches = driver.launches();
      assertEquals(
          launches.stream().map(LaunchReport::kernel).toList(),
          List.of("head_f16_targets", "head_f16_reduce_" + rows, "head_combine"));
      Counters counters = launches.get(1).counters();
      assertEquals(counters.bankConflicts(), 0);
      assertEquals(
          counters.sectors(InstructionClass.ASYNC_COPY), 2L * (rows + vocabulary) * columns / 32);
      assertEquals(counters.matrixInstructions(), rows / 8L * (vocabulary / 16) * (columns / 16));
    }
  }

  @Test
  public void noRowsLaunchNothing() {
    try (Rig rig = new Rig();
        HeadReduction head = new HeadReduction(rig.kernels)) {
      int[] none = {};
      assertEquals(head.logProbs(rig.hidden, rig.head, none, none).rank().length, 0);
      assertEquals(head.argMax(rig.hidden, rig.head, none).length, 0);
      assertEquals(head.topK(rig.hidden, rig.head, none, 3).ids().length, 0);
      assertTrue(rig.driver.launches().isEmpty());
    }
  }

  @Test
  public void refusesWhatDoesNotFit() {
    try (Rig rig = new Rig();
        HeadReduction head = new HeadReduction(rig.kernels)) {
      assertEquals(
          refusal(() -> head.logProbs(rig.hidden, rig.head, new int[] {2, 1}, new int[] {5, 5})),
          "rows of targets must not fall: row 1 of target 1 follows row 2");
      assertEquals(
          refusal(() -> head.logProbs(rig.hidden, rig.head, new int[] {0}, new int[] {150})),
          "target 0 is token 150, but the head has 150 tokens");
      assertEquals(
          refusal(() -> head.logProbs(rig.hidden, rig.head, new int[] {0}, new int[0])),
          "1 rows for 0 targets; every target needs the row that predicts it");
      assertEquals(
          refusal(() -> head.argMax(rig.hidden, rig.head, new int[] {40})),
          "row 40 is asked for, but there are 40 hidden states");
      assertEquals(
          refusal(() -> head.topK(rig.hidden, rig.head, new int[] {0}, 17)),
          "the 17 likeliest of 150 tokens are not to be had; ask for 1 to 16");
      DeviceMatrix wide = rig.memory.poisonedMatrix(3, 96, DType.BF16);
      assertEquals(
          refusal(() -> head.argMax(rig.hidden, wide, new int[] {0})),
          "the head is [3, 96], expected [3, 90]");
      DeviceMatrix half = rig.memory.poisonedMatrix(3, COLUMNS, DType.F16);
      assertEquals(
          refusal(() -> head.argMax(rig.hidden, half, new int[] {0})),
          "the head's product mixes the types [BF16, F16]; all must be the same");
    }
  }

  private static String refusal(Runnable call) {
    return expectThrows(IllegalArgumentException.class, call::run).getMessage();
  }
}
