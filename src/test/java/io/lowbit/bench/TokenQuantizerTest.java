// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.QuantizedRows;
import io.lowbit.backend.cuda.TokenQuantizer;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.util.Iterator;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The kernel that quantizes activations, on the interpreter. */
public final class TokenQuantizerTest {
  private static final IntegerGrid GRID =
      new ActivationScheme(8, false, Arithmetic.EXACT).grid(DType.F16);

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

  @DataProvider
  Iterator<ConformanceCase> samples() {
    return TokenQuantizerCases.cases().filter(ConformanceCase::sample).iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithTheReference(ConformanceCase sample) {
    ConformanceCase.Outcome outcome = sample.run(kernels);
    assertTrue(outcome.passed(), outcome.error() + " " + outcome.detail());
  }

  @Test
  public void readsRowsOnceAndCoalesced() {
    try (CaseMemory memory = new CaseMemory(driver)) {
      int columns = 4096;
      int rows = 2;
      float[] values =
          IntegerCaseData.matrix(IntegerCaseData.Kind.NORMAL, DType.F16, rows, columns, 3);
      DeviceMatrix x = memory.matrix(values, rows, columns, DType.F16);
      new TokenQuantizer(kernels)
          .run(x, GRID, 128, memory.poisoned(QuantizedRows.bytes(rows, columns, 128)));
      kernels.stream().synchronize();
      Counters counters = driver.lastCounters();
      assertEquals(counters.bytes(InstructionClass.GLOBAL_LOAD), 2L * rows * columns);
      assertEquals(counters.sectors(InstructionClass.GLOBAL_LOAD), 2L * rows * columns / 32);
      assertEquals(
          counters.sectors(InstructionClass.GLOBAL_STORE),
          counters.idealSectors(InstructionClass.GLOBAL_STORE));
      assertEquals(counters.bankConflicts(), 0);
    }
  }

  @Test
  public void nothingToDoWithoutRows() {
    try (CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.poisonedMatrix(0, 64, DType.F16);
      int before = driver.launches().size();
      assertEquals(new TokenQuantizer(kernels).run(x, GRID, 64, memory.poisoned(64)).rows(), 0);
      assertEquals(driver.launches().size(), before);
    }
  }

  @Test
  public void refusesWhatItCannotDo() {
    try (CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix x = memory.poisonedMatrix(1, 96, DType.F16);
      TokenQuantizer quantizer = new TokenQuantizer(kernels);
      IntegerGrid compat = new ActivationScheme(8, true, Arithmetic.COMPAT).grid(DType.F16);
      IntegerGrid full =
          new IntegerGrid(8, 0, IntegerGrid.Symmetry.SYMMETRIC_FULL, DType.F32, Arithmetic.EXACT);
      for (IntegerGrid grid : new IntegerGrid[] {compat, full, GRID.withGroupSize(32)}) {
        assertThrows(IllegalArgumentException.class, () -> quantizer.run(x, grid, 96, x.data()));
      }
      assertThrows(IllegalArgumentException.class, () -> quantizer.run(x, GRID, 48, x.data()));
      assertThrows(IllegalArgumentException.class, () -> quantizer.run(x, GRID, 64, x.data()));
    }
  }
}
