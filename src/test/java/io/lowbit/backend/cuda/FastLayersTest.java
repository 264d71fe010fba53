// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code --fast} where there is no cuBLAS: what it computes, and that keys tell it apart. */
public final class FastLayersTest {
  private static final int OUTPUTS = 37;
  private static final int INPUTS = 80;
  private static final int MANY = FastLayers.LEAST_ROWS_DEQUANTIZED;

  @DataProvider
  Object[][] weights() {
    return new Object[][] {
      {DType.F16, 4, 16, DType.F16},
      {DType.BF16, 3, 0, DType.F32},
      {DType.F16, 8, 0, DType.F16},
      {DType.BF16, 6, 16, DType.F16},
    };
  }

  private static Tensor random(int rows, int columns) {
    float[] values = new float[rows * columns];
    Random random = new Random(rows);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 8;
    }
    return Tensor.of(values, rows, columns);
  }

  private static GroupedInteger quantized(int bits, int group, DType scales) {
    IntegerGrid grid = new IntegerGrid(bits, group, Symmetry.ASYMMETRIC, scales, Arithmetic.EXACT);
    return RoundToNearest.quantize("w", random(OUTPUTS, INPUTS), grid);
  }

  private static float rounded(DType type, float value) {
    return type == DType.F16
        ? Float.float16ToFloat(Float.floatToFloat16(value))
        : BFloat16.toFloat(BFloat16.fromFloat(value));
  }

  /** The numbers that a dequantized weight holds. */
  private static float[][] values(GroupedInteger weight, DType type) {
    float[][] values = new float[OUTPUTS][INPUTS];
    for (int row = 0; row < OUTPUTS; row++) {
      weight.dequantize(row, 0, INPUTS, values[row], 0);
      for (int k = 0; k < INPUTS; k++) {
        values[row][k] = rounded(type, values[row][k]);
      }
    }
    return values;
  }

  private static float[][] inputs(DType type, int tokens) {
    Tensor tensor = random(tokens, INPUTS);
    float[][] x = new float[tokens][INPUTS];
    for (int token = 0; token < tokens; token++) {
      for (int k = 0; k < INPUTS; k++) {
        x[token][k] = rounded(type, 8 * tensor.get((long) token * INPUTS + k));
      }
    }
    return x;
  }

  private static float[] bias() {
    float[] bias = new float[OUTPUTS];
    for (int i = 0; i < OUTPUTS; i++) {
      bias[i] = (i - 16) / 4f;
    }
    return bias;
  }

  private interface Upload {
    Weight to(CudaBackend backend);
  }

  private static float[][] product(CudaBackend backend, Upload upload, float[][] x) {
    float[][] result = new float[x.length][OUTPUTS];
    try (Weight weight = upload.to(backend);
        Buffer in = backend.allocate(x.length, INPUTS);
        Buffer bias = backend.allocate(1, OUTPUTS);
        Buffer out = backend.allocate(x.length, OUTPUTS)) {
      bias.write(0, bias(), 0);
      for (int token = 0; token < x.length; token++) {
        in.write(token, x[token], 0);
      }
      backend.linear(in, new Linear(weight, Optional.of(bias), Optional.empty()), out);
      for (int token = 0; token < x.length; token++) {
        out.read(token, result[token], 0);
      }
    }
    return result;
  }

  /**
   * Sums in fp32 of K exact products are off by at most K roundings of their absolute sum; the
   * result is rounded once.
   */
  private static void check(DType type, float[][] actual, float[][] x, float[][] weight) {
    double step = type == DType.F16 ? 0x1p-11 : 0x1p-8;
    for (int token = 0; token < x.length; token++) {
      for (int output = 0; output < OUTPUTS; output++) {
        double sum = bias()[output];
        double size = Math.abs(sum);
        for (int k = 0; k < INPUTS; k++) {
          double term = (double) x[token][k] * weight[output][k];
          sum += term;
          size += Math.abs(term);
        }
        double tolerance = step * Math.abs(sum) + (1 + step) * INPUTS * 0x1p-24 * size;
        assertEquals(actual[token][output], sum, tolerance, token + ", " + output);
      }
    }
  }

  @Test(dataProvider = "weights")
  public void manyRowsAreMultipliedWithTheDequantizedWeight(
      DType base, int bits, int group, DType scales) {
    GroupedInteger weight = quantized(bits, group, scales);
    float[][] dequantized = values(weight, base);
    float[][] x = inputs(base, MANY);
    Upload packed = backend -> backend.upload(weight);
    float[][] fast;
    float[][] fewer;
    try (CudaBackend backend = CudaBackend.open(new InterpretedDriver(), base, true)) {
      fast = product(backend, packed, x);
      fewer = product(backend, packed, Arrays.copyOf(x, MANY - 1));
      // The scratch memory of the first pass serves again.
      assertEquals(product(backend, packed, x), fast);
    }
    check(base, fast, x, dequantized);
    try (CudaBackend backend = CudaBackend.open(new InterpretedDriver(), base)) {
      float[][] usual = product(backend, packed, x);
      assertEquals(fewer, Arrays.copyOf(usual, MANY - 1), "the packed kernel serves fewer rows");
      assertFalse(Arrays.deepEquals(fast, usual), "the weight was not rounded");
      assertNear(base, fast, usual, x, dequantized);
    }
  }

  /** Rounding each weight to 16 bits moves a result by at most so many parts of its terms. */
  private static void assertNear(
      DType type, float[][] fast, float[][] usual, float[][] x, float[][] weight) {
    double step = type == DType.F16 ? 0x1p-11 : 0x1p-8;
    for (int token = 0; token < x.length; token++) {
      for (int output = 0; output < OUTPUTS; output++) {
        double size = Math.abs(bias()[output]);
        for (int k = 0; k < INPUTS; k++) {
          size += Math.abs((double) x[token][k] * weight[output][k]);
        }
        // One rounding of the weights, and one of each result; sums in fp32 are far more exact.
        assertEquals(fast[token][output], usual[token][output], 3.1 * step * size);
      }
    }
  }

  @Test
  public void denseWeightsGiveTheSameBitsWithoutALibrary() {
    Tensor matrix = random(OUTPUTS, INPUTS);
    float[][] x = inputs(DType.F16, FastLayers.LEAST_ROWS);
    Upload dense = backend -> backend.upload(matrix);
    try (CudaBackend fast = CudaBackend.open(new InterpretedDriver(), DType.F16, true);
        CudaBackend usual = CudaBackend.open(new InterpretedDriver(), DType.F16)) {
      assertEquals(product(fast, dense, x), product(usual, dense, x));
    }
  }

  @Test
  public void keysAndLogsTellItApart() {
    try (CudaBackend fast = CudaBackend.open(new InterpretedDriver(), DType.BF16, true);
        CudaBackend usual = CudaBackend.open(new InterpretedDriver(), DType.BF16)) {
      assertEquals(fast.numerics(), usual.numerics() + "-fast-gemm16");
      assertEquals(
          fast.description(),
          usual.description() + ", fast: Lowbit's own products, as there is no cuBLAS");
      assertTrue(usual.numerics().endsWith("-BF16"), usual.numerics());
    }
  }
}
