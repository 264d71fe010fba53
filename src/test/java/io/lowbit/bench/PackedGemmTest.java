// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GemmW4A16;
import io.lowbit.backend.cuda.GemmW8A16;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.PackedWeight;
import io.lowbit.bench.PackedGemmData.Kind;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What both widths promise beyond right results. */
public class PackedGemmTest {
  private InterpretedDriver driver;
  private Kernels kernels;
  private CaseMemory memory;
  private PackedGemmData data;

  @BeforeMethod
  void open() {
    driver = new InterpretedDriver();
    kernels = new Kernels(driver);
    memory = new CaseMemory(driver);
    data = new PackedGemmData(7);
  }

  @AfterMethod
  void close() {
    memory.close();
    kernels.close();
    driver.close();
  }

  @DataProvider
  Object[][] widthsAndTypes() {
    return new Object[][] {{4, DType.F16}, {4, DType.BF16}, {8, DType.F16}, {8, DType.BF16}};
  }

  private GroupedInteger weight(int rows, int columns, int bits, int group) {
    return data.weight(rows, columns, bits, group, Symmetry.ASYMMETRIC, DType.F16, Kind.NORMAL);
  }

  private float[] activations(int rows, int columns, DType type) {
    return data.activations(rows, columns, type, Kind.NORMAL);
  }

  private byte[] product(PackedWeight weight, float[] x, DType type) {
    int rows = x.length / weight.columns();
    DeviceMatrix out = memory.poisonedMatrix(rows, weight.rows(), type);
    run(weight, memory.matrix(x, rows, weight.columns(), type), out);
    return memory.readBytes(out.data(), 2 * rows * out.stride());
  }

  private void run(PackedWeight weight, DeviceMatrix x, DeviceMatrix out) {
    if (weight.bits() == 4) {
      new GemmW4A16(kernels).run(x, weight, DevicePointer.NULL, out);
    } else {
      new GemmW8A16(kernels).run(x, weight, DevicePointer.NULL, out);
    }
  }

  /** All segments in a block, so that one launch does everything. */
  private Counters counters(PackedWeight weight, int tokens, DType type) {
    DeviceMatrix x =
        memory.matrix(activations(tokens, weight.columns(), type), tokens, weight.columns(), type);
    DeviceMatrix out = memory.poisonedMatrix(tokens, weight.rows(), type);
    if (weight.bits() == 4) {
      new GemmW4A16(kernels, 0).run(x, weight, DevicePointer.NULL, out);
    } else {
      new GemmW8A16(kernels, 0).run(x, weight, DevicePointer.NULL, out);
    }
    driver.synchronize();
    return driver.lastCounters();
  }

  @Test(dataProvider = "widthsAndTypes")
  public void rowIsTheSameAloneAndAmongOthers(int bits, DType type) {
    int columns = 640;
    float[] x = activations(65, columns, type);
    try (PackedWeight weight = PackedWeight.upload(driver, weight(72, columns, bits, 128))) {
      int rowBytes = 2 * DeviceMatrix.stride(72);
      byte[] alone = product(weight, Arrays.copyOf(x, columns), type);
      for (int rows : new int[] {9, 17, 33, 65}) {
        // The row stands last, and the tile is another each time.
        float[] others = Arrays.copyOfRange(x, columns, (rows + 1) * columns);
        System.arraycopy(x, 0, others, (rows - 1) * columns, columns);
        byte[] among = product(weight, others, type);
        assertEquals(
            Arrays.copyOfRange(among, (rows - 1) * rowBytes, rows * rowBytes),
            alone,
            "last of %d rows".formatted(rows));
      }
    }
  }

  @Test(dataProvider = "widthsAndTypes")
  public void narrowCodesGiveTheSameBitsInTheWideContainer(int ignored, DType type) {
    float[] x = activations(5, 320, type);
    GroupedInteger codes = weight(40, 320, 4, 32);
    try (PackedWeight narrow = PackedWeight.upload(driver, codes);
        PackedWeight wide = PackedWeight.upload(driver, codes, 8)) {
      assertEquals(narrow.bits(), 4);
      assertEquals(wide.bits(), 8);
      assertEquals(product(wide, x, type), product(narrow, x, type));
    }
  }

  @Test(dataProvider = "widthsAndTypes")
  public void movesNoByteTwiceAndMeetsNoBankTwice(int bits, DType type) {
    int columns = 512;
    int rows = 256;
    try (PackedWeight weight = PackedWeight.upload(driver, weight(rows, columns, bits, 128))) {
      for (int tokens : new int[] {8, 16, 32, 64}) {
        Counters counters = counters(weight, tokens, type);
        String where = "%d tokens".formatted(tokens);
        assertEquals(counters.bankConflicts(), 0, where);
        int features = tokens <= 16 ? 64 : 128;
        long xBytes = 2L * tokens * columns * (rows / features);
        assertEquals(counters.bytes(InstructionClass.ASYNC_COPY), weight.bytes() + xBytes, where);
        assertEquals(
            counters.sectors(InstructionClass.ASYNC_COPY),
            counters.idealSectors(InstructionClass.ASYNC_COPY),
            where);
        assertEquals(
            counters.sectors(InstructionClass.GLOBAL_STORE), tokens * rows * 2 / 32, where);
        assertEquals(counters.bytes(InstructionClass.GLOBAL_LOAD), 0, where);
      }
    }
  }

  @Test
  public void partialsAndTheirSumFillSectors() {
    try (PackedWeight weight = PackedWeight.upload(driver, weight(64, 512, 4, 128))) {
      product(weight, activations(8, 512, DType.F16), DType.F16);
      assertEquals(driver.launches().size(), 2);
      Counters partials = driver.launches().get(0).counters();
      assertEquals(partials.bankConflicts(), 0);
      assertEquals(partials.sectors(InstructionClass.GLOBAL_STORE), 2 * 8 * 64 * 4 / 32);
      Counters sum = driver.launches().get(1).counters();
      assertEquals(sum.sectors(InstructionClass.GLOBAL_LOAD), 2 * 8 * 64 * 4 / 32);
      assertEquals(sum.sectors(InstructionClass.GLOBAL_STORE), 8 * 64 * 2 / 32);
    }
  }

  @DataProvider
  Object[][] budgets() {
    // Lane instructions of the PTX per weight, at most, for a group of 128. About a tenth are moves
    // and constants, which have no counterpart in machine code.
    return new Object[][] {
      {4, DType.F16, 8, 3.1},
      {4, DType.F16, 16, 3.55},
      {4, DType.BF16, 8, 3.3},
      {4, DType.BF16, 16, 3.75},
      {8, DType.F16, 8, 3.15},
      {8, DType.F16, 16, 3.6},
      {8, DType.BF16, 8, 4.65},
      {8, DType.BF16, 16, 5.1},
    };
  }

  @Test(dataProvider = "budgets")
  public void instructionsPerWeight(int bits, DType type, int tokens, double budget) {
    // Both have one segment; they differ by one group of two steps.
    try (PackedWeight small = PackedWeight.upload(driver, weight(64, 256, bits, 128));
        PackedWeight large = PackedWeight.upload(driver, weight(64, 384, bits, 128))) {
      double spent =
          counters(large, tokens, type).laneInstructions()
              - counters(small, tokens, type).laneInstructions();
      double perWeight = spent / (64 * 128);
      assertTrue(perWeight <= budget, "%.3f".formatted(perWeight));
    }
  }

  @Test
  public void noRowsLaunchNothing() {
    try (PackedWeight weight = PackedWeight.upload(driver, weight(8, 32, 4, 16))) {
      run(weight, memory.poisonedMatrix(0, 32, DType.F16), memory.poisonedMatrix(0, 8, DType.F16));
      assertEquals(driver.launches().size(), 0);
    }
  }

  @Test
  public void whatDoesNotFitIsRefused() {
    try (PackedWeight weight = PackedWeight.upload(driver, weight(8, 32, 4, 16))) {
      DeviceMatrix x = memory.poisonedMatrix(2, 32, DType.F16);
      DeviceMatrix out = memory.poisonedMatrix(2, 8, DType.F16);
      GemmW4A16 gemm = new GemmW4A16(kernels);
      DevicePointer none = DevicePointer.NULL;
      refused(
          "gemm_w4a16: x is [2, 40], expected [2, 32]",
          () -> gemm.run(memory.poisonedMatrix(2, 40, DType.F16), weight, none, out));
      refused(
          "gemm_w4a16: out is [3, 8], expected [2, 8]",
          () -> gemm.run(x, weight, none, memory.poisonedMatrix(3, 8, DType.F16)));
      refused(
          "gemm_w4a16 mixes the types [F16, BF16]; all must be the same",
          () -> gemm.run(x, weight, none, memory.poisonedMatrix(2, 8, DType.BF16)));
      refused(
          "gemm_w8a16: the weight has codes of 4 bits, expected 8",
          () -> new GemmW8A16(kernels).run(x, weight, none, out));
      assertEquals(driver.launches().size(), 0);
    }
  }

  private static void refused(String message, org.testng.Assert.ThrowingRunnable call) {
    assertEquals(expectThrows(IllegalArgumentException.class, call).getMessage(), message);
  }
}
