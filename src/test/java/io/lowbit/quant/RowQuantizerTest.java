// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.testng.annotations.Test;

public class RowQuantizerTest {
  private record Quantized(int[] codes, float[] scales, int[] zeros, float[] values) {}

  /** Range [-1, 2] at 8 bits: s = 3/255, z = round(85) = 85; ties go to even. */
  @Test
  public void asymmetricTokensSpanTheirRange() {
    float step = 3f / 255;
    float[] x = {-1f, 2f, 0f, .5f * step, 1.5f * step, 1f};
    Quantized q = quantize(x, exact(8, 0, Symmetry.ASYMMETRIC, DType.F32));
    assertEquals(q.scales, new float[] {step});
    assertEquals(q.zeros, new int[] {85});
    assertEquals(q.codes, new int[] {0, 255, 85, 85, 87, 170});
    assertEquals(q.values[5], 85 * step);
  }

  /** The grid is widened to contain 0, so an offset does not collapse the group. */
  @Test
  public void rangesThatDoNotContainZeroAreWidened() {
    float[] x = {1.0625f, 1.25f, 1.5f, 1.875f, -1f, -1.25f, -1.5f, -1.875f};
    Quantized q = quantize(x, exact(4, 4, Symmetry.ASYMMETRIC, DType.F32));
    assertEquals(q.scales, new float[] {.125f, .125f});
    assertEquals(q.zeros, new int[] {0, 15});
    // 1.0625 is 8.5 steps, a tie that goes to 8.
    assertEquals(q.codes, new int[] {8, 10, 12, 15, 7, 5, 3, 0});
  }

  /** In compat the zero point is clamped: both groups collapse to their end nearest to zero. */
  @Test
  public void compatCollapsesSuchRanges() {
    float[] x = {1f, 1.25f, 1.5f, 2f, -1f, -1.25f, -1.5f, -2f};
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      IntegerGrid grid = new IntegerGrid(4, 4, Symmetry.ASYMMETRIC, type, Arithmetic.COMPAT);
      Quantized q = quantize(x, grid);
      assertEquals(q.zeros, new int[] {0, 15});
      assertEquals(q.codes, new int[] {15, 15, 15, 15, 0, 0, 0, 0});
      assertEquals(q.values[0], 1f, .01f);
      assertEquals(q.values[7], -1f, .01f);
    }
  }

  /**
   * bfloat16 has 8 significant bits: 1/255 = 0x1.010102p-8 rounds to 0x1.02p-8 (tie rule aside).
   */
  @Test
  public void compatRoundsEveryOperationToItsType() {
    float[] x = {0f, 1f, .5f, .25f};
    IntegerGrid grid = new IntegerGrid(8, 0, Symmetry.ASYMMETRIC, DType.BF16, Arithmetic.COMPAT);
    Quantized q = quantize(x, grid);
    // 0x1.01_01_02p-8 lies between 0x1.00p-8 and 0x1.02p-8, a little above the middle.
    assertEquals(q.scales[0], 0x1.02p-8f);
    // 1 / 0x1.02p-8 = 254.015 is 254 in bfloat16, and 254 * 0x1.02p-8 = 0.99994 rounds to 1.
    assertEquals(q.codes, new int[] {0, 254, 127, 64});
    assertEquals(q.values, new float[] {0f, 1f, .5f, 64 * 0x1.02p-8f});
  }

  @Test
  public void symmetricTokensHaveTheirZeroInTheMiddle() {
    float[] x = {-2.54f, 1.27f, 0f, .02f};
    Quantized q = quantize(x, exact(8, 0, Symmetry.SYMMETRIC_RESTRICTED, DType.F32));
    assertEquals(q.scales, new float[] {2.54f / 127});
    assertEquals(q.codes, new int[] {1, 128 + 64, 128, 129});
    assertEquals(q.zeros, new int[] {128});
  }

  @Test
  public void cacheScalesAreHalvesUnlessAskedOtherwise() {
    CacheScheme scheme = new CacheScheme(4, 2, 0, Arithmetic.EXACT);
    assertEquals(scheme.keyGrid(DType.F32).scaleType(), DType.F16);
    assertEquals(scheme.valueGrid(DType.F32).bits(), 2);
    float[] x = {-.3f, .7f, .1f, .2f};
    Quantized q = quantize(x, scheme.keyGrid(DType.F32));
    float stored = Float.float16ToFloat(Float.floatToFloat16(1f / 15));
    assertEquals(q.scales[0], stored);
    assertEquals(q.zeros[0], (int) Math.rint(.3f / stored));
    CacheScheme compat = new CacheScheme(4, 4, 0, Arithmetic.COMPAT);
    assertEquals(compat.keyGrid(DType.BF16).scaleType(), DType.BF16);
  }

  @Test
  public void zeroRowsStayZeroAndBadRowsShow() {
    for (Symmetry symmetry : new Symmetry[] {Symmetry.ASYMMETRIC, Symmetry.SYMMETRIC_RESTRICTED}) {
      IntegerGrid grid = exact(8, 2, symmetry, DType.F16);
      float[] x = {0f, 0f, Float.NaN, 1f, Float.POSITIVE_INFINITY, 1f, 1e30f, 1f, 1f, -1f};
      Quantized q = quantize(x, grid);
      assertEquals(q.scales[0], 1f);
      for (int i = 0; i < x.length; i++) {
        // 1e30 overflows a half scale: the group is NaN, not a silently clipped number.
        assertEquals(Float.isNaN(q.values[i]), i >= 2 && i < 8, "value " + i + ": " + q.values[i]);
      }
    }
  }

  @Test
  public void subnormalInputsKeepAUsableScale() {
    float[] x = {0f, 0x1p-146f, -0x1p-146f};
    Quantized q = quantize(x, exact(8, 0, Symmetry.ASYMMETRIC, DType.F32));
    assertEquals(q.scales[0], Float.MIN_NORMAL);
    assertEquals(q.values, new float[3]);
  }

  @Test
  public void groupsMustDivideTheRun() {
    String message =
        expectThrows(
                IllegalArgumentException.class,
                () -> quantize(new float[80], exact(4, 64, Symmetry.ASYMMETRIC, DType.F16)))
            .getMessage();
    assertTrue(message.contains("80 values") && message.endsWith("is 80"), message);
  }

  @Test
  public void errorsStayWithinHalfAStep() {
    SplittableRandom random = new SplittableRandom(6);
    for (int bits = 2; bits <= 8; bits++) {
      for (Symmetry symmetry :
          new Symmetry[] {Symmetry.ASYMMETRIC, Symmetry.SYMMETRIC_RESTRICTED}) {
        float[] x = new float[171];
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) random.nextGaussian() + .5f;
        }
        IntegerGrid grid = exact(bits, 57, symmetry, DType.F32);
        Quantized q = quantize(x, grid);
        for (int i = 0; i < x.length; i++) {
          // The ends of an asymmetric grid move by up to half a step when its zero is rounded.
          boolean end =
              symmetry == Symmetry.ASYMMETRIC && (q.codes[i] == 0 || q.codes[i] == grid.maxCode());
          float error = Math.abs(x[i] - q.values[i]) / q.scales[i / 57];
          assertTrue(error <= (end ? 1.0001f : .5001f), bits + " bits: " + error);
        }
      }
    }
  }

  private static IntegerGrid exact(int bits, int group, Symmetry symmetry, DType scales) {
    return new IntegerGrid(bits, group, symmetry, scales, Arithmetic.EXACT);
  }

  /** Quantizes from the middle of arrays, to see that offsets are kept. */
  private static Quantized quantize(float[] x, IntegerGrid grid) {
    int n = x.length;
    int groups = n / grid.effectiveGroup(n);
    float[] shifted = new float[n + 3];
    System.arraycopy(x, 0, shifted, 3, n);
    byte[] bytes = new byte[n + 5];
    float[] scales = new float[groups + 1];
    int[] zeros = new int[groups + 1];
    RowQuantizer.quantize(shifted, 3, n, grid, bytes, 5, scales, zeros, 1);
    float[] values = new float[n + 2];
    RowQuantizer.dequantize(bytes, 5, n, grid, scales, zeros, 1, values, 2);
    int[] codes = new int[n];
    for (int i = 0; i < n; i++) {
      codes[i] = bytes[5 + i] & 0xFF;
    }
    return new Quantized(
        codes,
        Arrays.copyOfRange(scales, 1, groups + 1),
        Arrays.copyOfRange(zeros, 1, groups + 1),
        Arrays.copyOfRange(values, 2, n + 2));
  }
}
