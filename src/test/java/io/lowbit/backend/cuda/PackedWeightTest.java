// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class PackedWeightTest {
  private static GroupedInteger weight(int rows, int columns, IntegerGrid grid) {
    Random random = new Random(3);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return RoundToNearest.quantize("w", Tensor.of(values, rows, columns), grid);
  }

  private static IntegerGrid grid(int bits, int group, Symmetry symmetry, DType scales) {
    return new IntegerGrid(bits, group, symmetry, scales, Arithmetic.EXACT);
  }

  private static ByteBuffer read(GpuDriver driver, DeviceMemory memory) {
    byte[] bytes = new byte[(int) memory.bytes()];
    driver.copyToHost(MemorySegment.ofArray(bytes), memory.pointer());
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @DataProvider
  Object[][] grids() {
    return new Object[][] {
      {grid(4, 16, Symmetry.ASYMMETRIC, DType.F16), 4},
      {grid(3, 0, Symmetry.ASYMMETRIC, DType.F32), 4},
      {grid(2, 48, Symmetry.SYMMETRIC_FULL, DType.F16), 4},
      {grid(5, 16, Symmetry.ASYMMETRIC, DType.F32), 8},
      {grid(8, 48, Symmetry.SYMMETRIC_FULL, DType.F16), 8},
    };
  }

  @Test(dataProvider = "grids")
  public void everyNumberIsWhereTheLayoutSaysAndTheRestIsZero(IntegerGrid grid, int container) {
    int rows = 70;
    int columns = 144;
    GroupedInteger weight = weight(rows, columns, grid);
    try (InterpretedDriver driver = new InterpretedDriver();
        PackedWeight packed = PackedWeight.upload(driver, weight)) {
      assertEquals(packed.bits(), container);
      ByteBuffer codes = read(driver, packed.codeMemory());
      FragmentLayout layout = packed.layout();
      long sum = 0;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          long bit =
              8 * layout.stripByte(row / 16, column / 64)
                  + layout.bitInStrip(row % 16, column % 64);
          int code = codes.get((int) (bit / 8)) >> bit % 8 & (1 << container) - 1;
          assertEquals(code, weight.code(row, column));
          sum += code;
        }
      }
      for (int i = 0; i < codes.capacity(); i++) {
        int value = codes.get(i) & 0xFF;
        sum -= container == 8 ? value : (value & 15) + (value >> 4);
      }
      assertEquals(sum, 0, "padding");
      checkGrids(weight, read(driver, packed.gridMemory()));
      assertEquals(packed.bytes(), 128L * 192 * container / 8 + packed.gridMemory().bytes());
    }
  }

  private static void checkGrids(GroupedInteger weight, ByteBuffer pairs) {
    boolean half = weight.grid().scaleType() == DType.F16;
    int groups = weight.groups();
    assertEquals(pairs.capacity(), 128 * groups * (half ? 4 : 8));
    for (int row = 0; row < 128; row++) {
      for (int group = 0; group < groups; group++) {
        int pair = ((row / 16) * groups + group) * 16 + row % 16;
        boolean padding = row >= weight.rows();
        assertEquals(number(pairs, 2 * pair, half), padding ? 0f : weight.scale(row, group));
        assertEquals(number(pairs, 2 * pair + 1, half), padding ? 0f : weight.zero(row, group));
      }
    }
  }

  private static float number(ByteBuffer numbers, int index, boolean half) {
    return half ? Float.float16ToFloat(numbers.getShort(2 * index)) : numbers.getFloat(4 * index);
  }

  @Test
  public void whatKernelsCannotReadIsNotSupported() {
    Symmetry asymmetric = Symmetry.ASYMMETRIC;
    assertTrue(PackedWeight.supports(weight(4, 100, grid(4, 0, asymmetric, DType.F16))));
    assertTrue(PackedWeight.supports(weight(4, 96, grid(4, 32, asymmetric, DType.F16))));
    assertFalse(PackedWeight.supports(weight(4, 96, grid(4, 24, asymmetric, DType.F16))));
    IntegerGrid compat = new IntegerGrid(4, 32, asymmetric, DType.F16, Arithmetic.COMPAT);
    assertFalse(PackedWeight.supports(weight(4, 96, compat)), "values rounded to fp16");
    IntegerGrid single = new IntegerGrid(4, 32, asymmetric, DType.F32, Arithmetic.COMPAT);
    assertTrue(PackedWeight.supports(weight(4, 96, single)));
  }

  @Test
  public void whatIsNotSupportedIsRefused() {
    try (InterpretedDriver driver = new InterpretedDriver()) {
      long free = driver.memory().freeBytes();
      GroupedInteger odd = weight(4, 96, grid(4, 24, Symmetry.ASYMMETRIC, DType.F16));
      String message =
          expectThrows(IllegalArgumentException.class, () -> PackedWeight.upload(driver, odd))
              .getMessage();
      assertTrue(message.startsWith("a [4, 96] matrix of IntegerGrid"), message);
      assertTrue(message.endsWith("cannot be packed into codes of 4 bits; dequantize it"), message);
      GroupedInteger wide = weight(4, 96, grid(8, 32, Symmetry.ASYMMETRIC, DType.F16));
      expectThrows(IllegalArgumentException.class, () -> PackedWeight.upload(driver, wide, 4));
      assertEquals(
          expectThrows(
                  IllegalArgumentException.class,
                  () -> PackedWeight.allocate(driver, new FragmentLayout(4, 8, 96), 40, DType.F16))
              .getMessage(),
          "groups of 40 in rows of 96 columns; packed weights have groups of a multiple of 16 that"
              + " divides the row, or one");
      assertEquals(driver.memory().freeBytes(), free);
    }
  }
}
