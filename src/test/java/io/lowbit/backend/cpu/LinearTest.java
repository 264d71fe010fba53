// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Weight;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GgufType;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class LinearTest {
  private static final int[] TAILS = {1, 15, 16, 17, 31, 33, 127};

  @DataProvider
  static Object[][] packed() {
    Random random = new Random(1);
    List<Object[]> cases = new ArrayList<>();
    for (int bits = 1; bits <= 8; bits++) {
      for (int group : new int[] {0, 1, 24, 96}) {
        for (boolean asymmetric : bits == 1 ? new boolean[] {true} : new boolean[] {true, false}) {
          DType scales = group == 24 ? DType.F32 : DType.F16;
          cases.add(
              new Object[] {
                "int%d g%d %s".formatted(bits, group, asymmetric),
                Fixtures.integers(random, 47, 576, bits, group, asymmetric, scales)
              });
        }
      }
      cases.add(
          new Object[] {
            "int" + bits + " odd", Fixtures.integers(random, 33, 431, bits, 0, true, DType.F16)
          });
    }
    for (GgufType type : GgufType.values()) {
      cases.add(new Object[] {type.name(), Fixtures.blocks(random, type, 47, 768)});
    }
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "packed")
  public void tilesHoldTheDequantizedValuesBitForBit(String name, QuantizedTensor matrix) {
    Scratch scratch = new Scratch();
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        PanelWeight weight = (PanelWeight) backend.upload(matrix)) {
      int columns = (int) matrix.columns();
      float[] expected = new float[columns];
      for (int row = 0; row < matrix.rows(); row++) {
        matrix.dequantize(row, 0, columns, expected, 0);
        for (int from = 0; from < columns; from += Scratch.DEPTH) {
          int count = Math.min(Scratch.DEPTH, columns - from);
          weight.tile(row / Lanes.WIDTH, from, count, scratch);
          for (int k = 0; k < count; k++) {
            float actual = scratch.tile[k * Lanes.WIDTH + row % Lanes.WIDTH];
            assertEquals(
                Float.floatToIntBits(actual),
                Float.floatToIntBits(expected[from + k]),
                "row %d column %d: %s, expected %s"
                    .formatted(row, from + k, actual, expected[from + k]));
          }
        }
      }
    }
  }

  @Test(dataProvider = "packed")
  public void packedProductsAgreeWithPlainLoops(String name, QuantizedTensor matrix) {
    int columns = (int) matrix.columns();
    float[] dense = dense(matrix);
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight weight = backend.upload(matrix)) {
      check(backend, weight, dense, 7, columns, Optional.empty());
    }
  }

  @Test
  public void packedWeightsTakeLittleMoreThanTheirPackedSize() {
    Random random = new Random(2);
    List<QuantizedTensor> matrices = new ArrayList<>();
    for (GgufType type : GgufType.values()) {
      matrices.add(Fixtures.blocks(random, type, 192, 1536));
    }
    for (int bits : new int[] {2, 3, 4, 8}) {
      matrices.add(Fixtures.integers(random, 192, 1536, bits, 32, true, DType.F16));
    }
    try (CpuBackend backend = new CpuBackend(DType.F32, 1)) {
      for (QuantizedTensor matrix : matrices) {
        try (Weight weight = backend.upload(matrix)) {
          assertTrue(weight.bytes() <= 1.05 * matrix.bytes(), weight.bytes() + " " + matrix);
        }
      }
    }
  }

  @DataProvider
  static Object[][] dense() {
    List<Object[]> cases = new ArrayList<>();
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      for (int size : TAILS) {
        cases.add(new Object[] {type, size, size, 33});
        cases.add(new Object[] {type, 5, size, 257});
        cases.add(new Object[] {type, size, 17, 300});
      }
      cases.add(new Object[] {type, 2, 4097, 33});
      cases.add(new Object[] {type, 3, 33, 4097});
    }
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "dense")
  public void denseProductsAgreeWithPlainLoops(DType type, int rows, int outputs, int inputs) {
    Random random = new Random(3);
    Tensor matrix =
        Fixtures.tensor(type, outputs, inputs, Fixtures.gaussian(random, outputs * inputs, 0.05));
    Optional<float[]> bias = Optional.of(Fixtures.gaussian(random, outputs, 1));
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight weight = backend.upload(matrix)) {
      assertEquals(
          weight.bytes(), (long) Lanes.panels(outputs) * Lanes.WIDTH * inputs * type.bytes());
      check(backend, weight, matrix.toFloats(), rows, inputs, bias);
    }
  }

  private static float[] dense(QuantizedTensor matrix) {
    int columns = (int) matrix.columns();
    float[] dense = new float[(int) matrix.rows() * columns];
    for (int row = 0; row < matrix.rows(); row++) {
      matrix.dequantize(row, 0, columns, dense, row * columns);
    }
    return dense;
  }

  private static void check(
      CpuBackend backend,
      Weight weight,
      float[] dense,
      int rows,
      int columns,
      Optional<float[]> bias) {
    Random random = new Random(4);
    float[] x = Fixtures.gaussian(random, rows * columns, 1);
    int outputs = weight.rows();
    Buffer out = backend.allocate(rows, outputs);
    Optional<Buffer> biasBuffer = bias.map(b -> Fixtures.buffer(backend, 1, outputs, b));
    Linear linear = new Linear(weight, biasBuffer, Optional.empty());
    backend.linear(Fixtures.buffer(backend, rows, columns, x), linear, out);
    float[] actual = Fixtures.values(out);
    for (int row = 0; row < rows; row++) {
      for (int o = 0; o < outputs; o++) {
        double sum = bias.isPresent() ? bias.get()[o] : 0;
        double magnitude = Math.abs(sum);
        for (int k = 0; k < columns; k++) {
          double product = (double) x[row * columns + k] * dense[o * columns + k];
          sum += product;
          magnitude += Math.abs(product);
        }
        assertEquals(actual[row * outputs + o], sum, 2e-6 * magnitude, row + " " + o);
      }
    }
  }

  @Test
  public void aRowHasTheSameBitsInAnyBatchAndOnAnyNumberOfThreads() {
    Random random = new Random(5);
    int columns = 609;
    int rows = 530;
    float[] x = Fixtures.gaussian(random, rows * columns, 1);
    Tensor dense = Tensor.of(Fixtures.gaussian(random, 100 * columns, 0.05), 100, columns);
    GroupedInteger packed = Fixtures.integers(random, 100, columns, 4, 29, true, DType.F16);
    GroupedInteger channels = Fixtures.integers(random, 100, columns, 8, 0, true, DType.F16);
    Optional<ActivationScheme> eightBits =
        Optional.of(new ActivationScheme(8, false, Arithmetic.EXACT));
    float[][] reference = new float[5][];
    for (int threads = 1; threads <= 3; threads++) {
      try (CpuBackend backend = new CpuBackend(DType.F32, threads)) {
        List<Linear> layers =
            List.of(
                new Linear(backend.upload(dense), Optional.empty(), Optional.empty()),
                new Linear(backend.upload(packed), Optional.empty(), Optional.empty()),
                new Linear(backend.upload(dense), Optional.empty(), eightBits),
                new Linear(backend.upload(packed), Optional.empty(), eightBits),
                new Linear(backend.upload(channels), Optional.empty(), eightBits));
        for (int i = 0; i < layers.size(); i++) {
          float[] all = run(backend, layers.get(i), rows, columns, x);
          if (threads == 1) {
            reference[i] = all;
          }
          assertTrue(Arrays.equals(all, reference[i]), "layer " + i + ", threads " + threads);
          for (int count : new int[] {1, 2, 7, 33}) {
            int first = 13;
            float[] some = Arrays.copyOfRange(x, first * columns, (first + count) * columns);
            float[] expected = Arrays.copyOfRange(reference[i], first * 100, (first + count) * 100);
            float[] actual = run(backend, layers.get(i), count, columns, some);
            assertTrue(Arrays.equals(actual, expected), "layer " + i + ", rows " + count);
          }
        }
      }
    }
  }

  private static float[] run(CpuBackend backend, Linear linear, int rows, int columns, float[] x) {
    Buffer out = backend.allocate(rows, linear.weight().rows());
    backend.linear(Fixtures.buffer(backend, rows, columns, x), linear, out);
    return Fixtures.values(out);
  }

  @DataProvider
  static Object[][] integerProducts() {
    return new Object[][] {
      {8, 8, 0, true, false}, {8, 8, 0, false, true}, {4, 8, 64, true, false},
      {8, 4, 96, true, true}, {3, 8, 288, false, false}, {8, 8, 300, true, false},
    };
  }

  /** The integer sums are exact, so the only roundings are those of the documented order. */
  @Test(dataProvider = "integerProducts")
  public void quantizedActivationsMultiplyAsIntegers(
      int weightBits, int bits, int group, boolean asymmetric, boolean symmetricActivations) {
    Random random = new Random(6);
    int columns = group == 300 ? 600 : 576;
    int rows = 8;
    GroupedInteger matrix =
        Fixtures.integers(random, 35, columns, weightBits, group, asymmetric, DType.F16);
    float[] x = Fixtures.gaussian(random, rows * columns, 1);
    ActivationScheme scheme = new ActivationScheme(bits, symmetricActivations, Arithmetic.EXACT);
    byte[] codes = new byte[columns];
    float[] scale = new float[1];
    int[] zero = new int[1];
    try (CpuBackend backend = new CpuBackend(DType.F32, 2);
        Weight weight = backend.upload(matrix)) {
      Linear linear = new Linear(weight, Optional.empty(), Optional.of(scheme));
      float[] actual = run(backend, linear, rows, columns, x);
      int groupSize = group == 0 ? columns : group;
      for (int row = 0; row < rows; row++) {
        RowQuantizer.quantize(
            x, row * columns, columns, scheme.grid(DType.F32), codes, 0, scale, zero, 0);
        for (int o = 0; o < 35; o++) {
          float sum = 0;
          for (int g = 0; g < columns / groupSize; g++) {
            long integers = 0;
            for (int k = g * groupSize; k < (g + 1) * groupSize; k++) {
              integers +=
                  (long) ((codes[k] & 0xFF) - zero[0]) * (matrix.code(o, k) - matrix.zero(o, g));
            }
            sum = Math.fma((float) integers, matrix.scale(o, g), sum);
          }
          assertEquals(actual[row * 35 + o], sum * scale[0], row + " " + o);
        }
      }
    }
  }

  @Test
  public void compatActivationsAreQuantizedAndDequantizedFirst() {
    Random random = new Random(7);
    GgufBlocks matrix = Fixtures.blocks(random, GgufType.Q8_0, 40, 64);
    float[] x = Fixtures.gaussian(random, 3 * 64, 1);
    ActivationScheme scheme = new ActivationScheme(8, false, Arithmetic.COMPAT);
    byte[] codes = new byte[64];
    float[] rounded = new float[3 * 64];
    float[] scale = new float[1];
    int[] zero = new int[1];
    for (int row = 0; row < 3; row++) {
      RowQuantizer.quantize(x, row * 64, 64, scheme.grid(DType.F32), codes, 0, scale, zero, 0);
      RowQuantizer.dequantize(
          codes, 0, 64, scheme.grid(DType.F32), scale, zero, 0, rounded, row * 64);
    }
    try (CpuBackend backend = new CpuBackend(DType.F32, 1);
        Weight weight = backend.upload(matrix)) {
      Linear quantized = new Linear(weight, Optional.empty(), Optional.of(scheme));
      Linear plain = new Linear(weight, Optional.empty(), Optional.empty());
      assertEquals(run(backend, quantized, 3, 64, x), run(backend, plain, 3, 64, rounded));
    }
  }

  @Test
  public void outputsAreRoundedOnceToTheBaseType() {
    Random random = new Random(8);
    float[] w = Fixtures.gaussian(random, 33 * 64, 0.05);
    float[] x = Fixtures.gaussian(random, 64, 1);
    for (DType base : new DType[] {DType.F16, DType.BF16}) {
      Tensor matrix = Fixtures.tensor(base, 33, 64, w);
      try (CpuBackend backend = new CpuBackend(base, 1);
          CpuBackend wide = new CpuBackend(DType.F32, 1)) {
        float[] rounded = Fixtures.values(Fixtures.buffer(backend, 1, 64, x));
        Linear narrow = new Linear(backend.upload(matrix), Optional.empty(), Optional.empty());
        Linear exact = new Linear(wide.upload(matrix), Optional.empty(), Optional.empty());
        float[] expected = run(wide, exact, 1, 64, rounded);
        Rounding.round(base, expected, 0, expected.length);
        assertEquals(run(backend, narrow, 1, 64, x), expected);
      }
    }
  }

  @Test
  public void shapesThatDoNotFitAreNamed() {
    try (CpuBackend backend = new CpuBackend(DType.F32, 1)) {
      Weight weight = backend.upload(Tensor.of(new float[6], 2, 3));
      Linear linear = new Linear(weight, Optional.empty(), Optional.empty());
      Buffer x = backend.allocate(4, 3);
      assertThrows(
          IllegalArgumentException.class, () -> backend.linear(x, linear, backend.allocate(4, 3)));
      assertThrows(
          IllegalArgumentException.class,
          () -> backend.linear(backend.allocate(4, 2), linear, backend.allocate(4, 2)));
    }
  }
}
