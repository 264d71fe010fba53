// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Gemm16;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.SplitK;
import io.lowbit.bench.Product.Data;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.Iterator;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The shipped 16-bit product on the interpreter, with all checks. */
public final class Gemm16Test {
  private static final int[] TILES = {8, 16, 32, 64, 128};

  @DataProvider
  Iterator<Object[]> samples() {
    return Gemm16Cases.cases()
        .filter(ConformanceCase::sample)
        .map(c -> new Object[] {c})
        .iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithDoublePrecision(ConformanceCase sample) {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver)) {
      ConformanceCase.Outcome outcome = sample.run(kernels);
      assertTrue(outcome.passed(), outcome.toString());
    }
  }

  /** Descriptions name cases. */
  @Test
  public void casesAreDistinct() {
    assertEquals(
        Gemm16Cases.cases().map(ConformanceCase::description).distinct().count(),
        Gemm16Cases.cases().count());
  }

  @Test
  public void everyPlanGivesTheSameBits() {
    Product product = Product.of(9, 70, 800, DType.F16, Data.NORMAL);
    for (long seed = 1; seed < 3; seed++) {
      try (InterpretedDriver driver =
              new InterpretedDriver(InterpreterOptions.DEFAULT.withSeed(seed));
          Kernels kernels = new Kernels(driver);
          Gemm16 gemm = new Gemm16(kernels)) {
        float[] expected = Gemm16Cases.run(kernels, gemm, product, new Gemm16.Plan(8, false));
        for (int tile : TILES) {
          for (boolean apart : new boolean[] {false, true}) {
            Gemm16.Plan plan = new Gemm16.Plan(tile, apart);
            assertEquals(Gemm16Cases.run(kernels, gemm, product, plan), expected, plan.toString());
          }
        }
      }
    }
  }

  /** Rows come out as they do alone, whatever tile and plan their number asks for. */
  @Test
  public void rowsDoNotDependOnTheirNeighbours() {
    int inputs = 530;
    int outputs = 67;
    Product all = Product.of(33, outputs, inputs, DType.BF16, Data.NORMAL);
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        Gemm16 gemm = new Gemm16(kernels)) {
      float[] together = Gemm16Cases.run(kernels, gemm, all, gemm.plan(33, outputs));
      for (int row : new int[] {0, 7, 8, 32}) {
        float[] x = Arrays.copyOfRange(all.x(), row * inputs, (row + 1) * inputs);
        Product one = new Product(1, outputs, inputs, DType.BF16, x, all.w(), all.b());
        float[] alone = Gemm16Cases.run(kernels, gemm, one, gemm.plan(1, outputs));
        float[] expected = Arrays.copyOfRange(together, row * outputs, (row + 1) * outputs);
        assertEquals(alone, expected, "row " + row);
      }
    }
  }

  @DataProvider
  Object[][] tiles() {
    // Tokens and features of a tile.
    return new Object[][] {{8, 64}, {16, 64}, {32, 64}, {64, 64}, {128, 128}};
  }

  /** Full tiles: every stream is read and written in whole sectors, once, without conflicts. */
  @Test(dataProvider = "tiles")
  public void movesNoMoreThanItMust(int tokens, int features) {
    int inputs = 640;
    SplitK split = SplitK.of(features, inputs);
    assertEquals(split.segments(), 2);
    Product product = Product.of(tokens, features, inputs, DType.F16, Data.NORMAL).withoutBias();
    for (boolean apart : new boolean[] {false, true}) {
      try (InterpretedDriver driver = new InterpretedDriver();
          Kernels kernels = new Kernels(driver);
          Gemm16 gemm = new Gemm16(kernels)) {
        Gemm16Cases.run(kernels, gemm, product, new Gemm16.Plan(tokens, apart));
        Counters counters = driver.lastCounters();
        long sums = apart ? 2L * tokens * features * 4 / 32 : 0;
        assertEquals(counters.bankConflicts(), 0);
        assertEquals(
            counters.sectors(InstructionClass.ASYNC_COPY), 2L * (tokens + features) * inputs / 32);
        assertEquals(counters.sectors(InstructionClass.GLOBAL_LOAD), sums);
        assertEquals(
            counters.sectors(InstructionClass.GLOBAL_STORE), sums + 2L * tokens * features / 32);
        assertEquals(counters.matrixInstructions(), tokens / 8L * (features / 16) * (inputs / 16));
      }
    }
  }

  /** What the main loop costs once it runs: the difference that eight more steps make. */
  @Test
  public void fewInstructionsPerWeight() {
    double perWeight = (instructions(8, 64, 1024) - instructions(8, 64, 512)) * 32.0 / (64 * 512);
    assertTrue(perWeight < 2.5, "lane instructions per weight: " + perWeight);
    double perProduct =
        (instructions(128, 128, 384) - instructions(128, 128, 256))
            / (128.0 / 16 * 128 / 16 * 128 / 8);
    assertTrue(perProduct < 3, "warp instructions per tensor-core instruction: " + perProduct);
  }

  private static long instructions(int tokens, int features, int inputs) {
    Product product = Product.of(tokens, features, inputs, DType.BF16, Data.ZEROS);
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        Gemm16 gemm = new Gemm16(kernels)) {
      Gemm16Cases.run(kernels, gemm, product, new Gemm16.Plan(tokens, false));
      return driver.lastCounters().warpInstructions();
    }
  }

  @Test
  public void writesOnlyItsColumnsOfAWiderMatrix() {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        Gemm16 gemm = new Gemm16(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.matrix(new float[] {1, 2, 3, 4}, 2, 2, DType.F16);
      DeviceMatrix weight = memory.matrix(new float[] {1, 1, 2, 0, 0, 3}, 3, 2, DType.F16);
      DeviceMatrix whole = memory.poisonedMatrix(2, 24, DType.F16);
      DeviceMatrix part = new DeviceMatrix(whole.data().plus(16), 2, 3, whole.stride(), DType.F16);
      gemm.run(x, weight, DevicePointer.NULL, part);
      float[] values = memory.read(whole);
      float[] expected = new float[48];
      Arrays.fill(expected, Float.NaN);
      System.arraycopy(new float[] {3, 2, 6}, 0, expected, 8, 3);
      System.arraycopy(new float[] {7, 6, 12}, 0, expected, 32, 3);
      assertEquals(values, expected);
    }
  }

  @Test
  public void noRowsLaunchNothing() {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        Gemm16 gemm = new Gemm16(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix weight = memory.poisonedMatrix(3, 8, DType.F16);
      gemm.run(
          memory.poisonedMatrix(0, 8, DType.F16),
          weight,
          DevicePointer.NULL,
          memory.poisonedMatrix(0, 3, DType.F16));
      assertTrue(driver.launches().isEmpty());
    }
  }

  @Test
  public void refusesWhatDoesNotFit() {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver);
        Gemm16 gemm = new Gemm16(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.poisonedMatrix(2, 8, DType.F16);
      DeviceMatrix weight = memory.poisonedMatrix(3, 9, DType.F16);
      DeviceMatrix out = memory.poisonedMatrix(2, 3, DType.F16);
      DeviceMatrix brain = memory.poisonedMatrix(3, 8, DType.BF16);
      DeviceMatrix fitting = memory.poisonedMatrix(3, 8, DType.F16);
      assertEquals(
          refusal(gemm, x, weight, out, 8),
          "the input of a product by [N, K] weights is [2, 8], expected [2, 9]");
      assertEquals(
          refusal(gemm, x, fitting, memory.poisonedMatrix(2, 4, DType.F16), 8),
          "the output of a product is [2, 4], expected [2, 3]");
      assertEquals(
          refusal(gemm, x, brain, out, 8),
          "a 16-bit product mixes the types [F16, BF16, F16]; all must be the same");
      assertEquals(
          refusal(gemm, x, fitting, out, 12),
          "there is no tile of 12 rows; tiles have 8, 16, 32, 64 or 128");
      assertThrows(
          IllegalArgumentException.class,
          () -> gemm.run(x, fitting, DevicePointer.NULL, x, new Gemm16.Plan(8, true)));
    }
  }

  private static String refusal(
      Gemm16 gemm, DeviceMatrix x, DeviceMatrix weight, DeviceMatrix out, int tokens) {
    return expectThrows(
            IllegalArgumentException.class,
            () -> gemm.run(x, weight, DevicePointer.NULL, out, new Gemm16.Plan(tokens, true)))
        .getMessage();
  }
}
