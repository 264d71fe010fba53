// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.WeightQuantizer;
import io.lowbit.backend.cuda.WeightSource;
import io.lowbit.bench.IntegerCaseData.Kind;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.LaunchReport;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Iterator;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The kernels that quantize weights and take them back, on the interpreter. */
public final class WeightQuantizerTest {
  private InterpretedDriver driver;
  private Kernels kernels;

  @BeforeClass
  void open() {
    driver = new InterpretedDriver();
    kernels = new Kernels(driver);
  }

  @AfterClass
  void close() {
    kernels.close();
    driver.close();
  }

  private static IntegerGrid grid(int bits, int group, Symmetry symmetry, DType scales) {
    return new IntegerGrid(bits, group, symmetry, scales, Arithmetic.EXACT);
  }

  @DataProvider
  Iterator<ConformanceCase> samples() {
    return WeightQuantizerCases.cases().filter(ConformanceCase::sample).iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithTheReference(ConformanceCase sample) {
    ConformanceCase.Outcome outcome = sample.run(kernels);
    assertTrue(outcome.passed(), outcome.error() + " " + outcome.detail());
  }

  @DataProvider
  Object[][] errors() {
    return new Object[][] {
      {5, 70, Float.NaN, DType.F16, DType.BF16, Symmetry.ASYMMETRIC},
      {9, 0, Float.NEGATIVE_INFINITY, DType.F32, DType.F16, Symmetry.SYMMETRIC_FULL},
      {3, 127, 1e9f, DType.F16, DType.F32, Symmetry.SYMMETRIC_RESTRICTED},
      {18, 40, 2e7f, DType.F16, DType.BF16, Symmetry.ASYMMETRIC},
    };
  }

  /** Later rows hold more errors, the row itself one more behind. */
  @Test(dataProvider = "errors")
  public void complainsAsTheReferenceDoes(
      int row, int column, float value, DType scales, DType type, Symmetry symmetry) {
    int rows = 20;
    int columns = 128;
    float[] values = IntegerCaseData.matrix(Kind.NORMAL, type, rows, columns, 1);
    values[row * columns + 127] = 3e9f;
    values[row * columns + column] = value;
    values[19 * columns + 1] = type == DType.F16 ? Float.NaN : 3e38f;
    values[19 * columns + 2] = Float.NaN;
    IntegerGrid grid = grid(4, 32, symmetry, scales);
    Tensor matrix = WeightQuantizerCases.tensor(type, rows, columns, values);
    String expected =
        expectThrows(
                IllegalArgumentException.class, () -> RoundToNearest.quantize("w", matrix, grid))
            .getMessage();
    try (CaseMemory memory = new CaseMemory(driver)) {
      WeightSource source =
          WeightQuantizerCases.source(memory, "w", type, rows, columns, 0, values);
      DevicePointer codes = memory.poisoned(WeightQuantizer.codeBytes(rows, columns, 4));
      DevicePointer grids = memory.poisoned(WeightQuantizer.gridBytes(rows, columns, grid));
      String actual =
          expectThrows(
                  IllegalArgumentException.class,
                  () -> new WeightQuantizer(kernels).quantize(source, grid, codes, grids))
              .getMessage();
      assertEquals(actual, expected.replace("; in compat base fp32", ""));
    }
  }

  @DataProvider
  Object[][] layouts() {
    return new Object[][] {{4, DType.F16}, {8, DType.BF16}, {4, DType.F32}};
  }

  @Test(dataProvider = "layouts")
  public void movesSixteenBytesALane(int bits, DType type) {
    int rows = 64;
    int columns = 512;
    float[] values = IntegerCaseData.matrix(Kind.NORMAL, type, rows, columns, 1);
    IntegerGrid grid = grid(bits, 128, Symmetry.ASYMMETRIC, DType.F16);
    try (CaseMemory memory = new CaseMemory(driver)) {
      WeightSource source =
          WeightQuantizerCases.source(memory, "w", type, rows, columns, 0, values);
      long codeBytes = WeightQuantizer.codeBytes(rows, columns, bits);
      DevicePointer codes = memory.poisoned(codeBytes);
      DevicePointer grids = memory.poisoned(WeightQuantizer.gridBytes(rows, columns, grid));
      WeightQuantizer quantizer = new WeightQuantizer(kernels);
      driver.forgetLaunches();
      quantizer.quantize(source, grid, codes, grids);
      DeviceMatrix out = memory.poisonedMatrix(rows, columns, DType.F16);
      quantizer.dequantize(codes, grids, rows, columns, grid, out);
      kernels.stream().synchronize();
      for (LaunchReport launch : driver.launches()) {
        assertEquals(launch.counters().bankConflicts(), 0, launch.kernel());
      }
      long weightSectors = (long) rows * columns * type.bytes() / 32;
      Counters extremes = driver.launches().get(0).counters();
      assertEquals(extremes.sectors(InstructionClass.GLOBAL_LOAD), weightSectors);
      Counters coding = driver.launches().get(1).counters();
      assertEquals(coding.sectors(InstructionClass.GLOBAL_STORE), codeBytes / 32);
      Counters decoding = driver.launches().get(2).counters();
      assertEquals(decoding.sectors(InstructionClass.GLOBAL_STORE), 2L * rows * columns / 32);
    }
  }

  @Test
  public void refusesWhatItCannotDo() {
    try (CaseMemory memory = new CaseMemory(driver)) {
      DevicePointer data = memory.poisoned(4 * 96 * 2);
      WeightSource source = WeightSource.of("w", data, DType.F16, 4, 96);
      WeightQuantizer quantizer = new WeightQuantizer(kernels);
      IntegerGrid compat =
          new IntegerGrid(4, 32, Symmetry.ASYMMETRIC, DType.F16, Arithmetic.COMPAT);
      IntegerGrid odd = grid(4, 24, Symmetry.ASYMMETRIC, DType.F16);
      IntegerGrid indivisible = grid(4, 64, Symmetry.ASYMMETRIC, DType.F16);
      for (IntegerGrid grid : new IntegerGrid[] {compat, odd, indivisible}) {
        assertThrows(
            IllegalArgumentException.class, () -> quantizer.quantize(source, grid, data, data));
      }
      IntegerGrid fitting = grid(4, 32, Symmetry.ASYMMETRIC, DType.F16);
      DeviceMatrix small = memory.poisonedMatrix(4, 64, DType.F16);
      assertThrows(
          IllegalArgumentException.class,
          () -> quantizer.dequantize(data, data, 4, 96, fitting, small));
      assertThrows(
          IllegalArgumentException.class, () -> WeightSource.of("w", data, DType.I8, 4, 96));
    }
  }
}
