// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class RoundToNearestTest {
  /**
   * The eight weights of the golden vectors in reference/quantization.md c.13. They are fp64: 0.11
   * lies half a step of the symmetric 3-bit grid from 0, which no fp32 does.
   */
  private static final double[] WEIGHTS = {.31, -.42, .05, .77, -.13, .26, -.58, .11};

  @DataProvider
  public Object[][] goldenVectors() {
    return new Object[][] {
      {4, Symmetry.ASYMMETRIC, .09, 6, new int[] {9, 1, 7, 15, 5, 9, 0, 7}, 1.175000e-3},
      {4, Symmetry.SYMMETRIC_FULL, .102667, 8, new int[] {11, 4, 8, 15, 7, 11, 2, 9}, 1.203389e-3},
      {3, Symmetry.ASYMMETRIC, .192857, 3, new int[] {5, 1, 3, 7, 2, 4, 0, 4}, 3.092092e-3},
      {3, Symmetry.SYMMETRIC_FULL, .22, 4, new int[] {5, 2, 4, 7, 3, 5, 1, 4}, 6.412500e-3},
      {2, Symmetry.ASYMMETRIC, .45, 1, new int[] {2, 0, 1, 3, 1, 2, 0, 1}, 1.523750e-2},
      {2, Symmetry.SYMMETRIC_FULL, .513333, 2, new int[] {3, 1, 2, 3, 2, 3, 1, 2}, 2.700694e-2},
    };
  }

  @Test(dataProvider = "goldenVectors")
  public void agreesWithTheGoldenVectors(
      int bits, Symmetry symmetry, double scale, int zero, int[] codes, double error) {
    GroupedInteger packed = goldenVector(exact(bits, 0, symmetry, DType.F32));

    assertEquals(packed.scale(0, 0), scale, 5e-7);
    assertEquals(packed.zero(0, 0), zero);
    assertEquals(codes(packed, 0), codes);
    assertEquals(squaredError(packed) / 8, error, 1e-8);
  }

  /** (lo, hi) = (-0.77, 0.77), s = 0.77 / 7 = 0.11. */
  @Test
  public void restrictedSymmetricGridHasOneCodeForZero() {
    GroupedInteger packed = goldenVector(exact(4, 0, Symmetry.SYMMETRIC_RESTRICTED, DType.F32));
    assertEquals(packed.scale(0, 0), .11f, 1e-8);
    assertEquals(codes(packed, 0), new int[] {11, 4, 8, 15, 7, 10, 3, 9});
  }

  @DataProvider
  public Object[][] layers() {
    return new Object[][] {
      {"random-channels"}, {"random-heavy"}, {"dead-inputs"}, {"stories-0.q_proj"},
      {"stories-2.gate_proj"}, {"stories-4.down_proj"}, {"smol-5.o_proj"}, {"smol-15.down_proj"},
    };
  }

  /** Every code, zero point and scale of the fp64 reference. */
  @Test(dataProvider = "layers")
  public void agreesWithTheReferenceOnLayers(String layer) throws IOException {
    Path folder = Shared.path("golden/methods/layers");
    Tensor weights = GoldenTensors.read(folder.resolve(layer + ".inputs.safetensors")).get("W");
    GoldenTensors expected = GoldenTensors.read(folder.resolve(layer + ".expected.safetensors"));
    JsonObject cases =
        JsonParser.parseString(Files.readString(folder.resolve(layer + ".json"))).getAsJsonObject();
    int compared = 0;
    for (JsonElement element : cases.getAsJsonArray("rtn")) {
      JsonObject test = element.getAsJsonObject();
      String key = test.get("key").getAsString();
      if (test.get("mse").getAsBoolean() || !expected.header().has(key + ".codes")) {
        continue;
      }
      boolean symmetric = test.get("sym").getAsBoolean();
      IntegerGrid grid =
          exact(
              test.get("bits").getAsInt(),
              Math.max(0, test.get("group").getAsInt()),
              symmetric ? Symmetry.SYMMETRIC_FULL : Symmetry.ASYMMETRIC,
              DType.F32);
      compareWithReference(RoundToNearest.quantize(key, weights, grid), weights, expected, key);
      compared++;
    }
    assertTrue(compared >= 4, layer + " has " + compared + " cases");
  }

  private static void compareWithReference(
      GroupedInteger packed, Tensor weights, GoldenTensors expected, String key) {
    int group = packed.grid().effectiveGroup(packed.columns());
    boolean symmetric = packed.grid().symmetry() != Symmetry.ASYMMETRIC;
    float[] scales = expected.get(key + ".scale").toFloats();
    Tensor codes = expected.get(key + ".codes");
    for (int row = 0; row < packed.rows(); row++) {
      for (int column = 0; column < packed.columns(); column++) {
        int g = column / group;
        long start = row * packed.columns() + (long) g * group;
        if (symmetric && !hasNegative(weights, start, group)) {
          // The reference keeps lo = 0 there, which saturates; ours is symmetric always.
          continue;
        }
        long index = row * packed.columns() + column;
        int code = ((int) codes.get(index / 2) >> (index % 2 == 0 ? 0 : 4)) & 0xF;
        String where = key + " row " + row + " column " + column;
        assertEquals(packed.code(row, column), code, where);
        assertEquals(packed.scale(row, g), scales[row * packed.groups() + g], where);
      }
    }
  }

  private static boolean hasNegative(Tensor weights, long from, int count) {
    float[] values = new float[count];
    weights.read(from, values, 0, count);
    for (float value : values) {
      if (value < 0) {
        return true;
      }
    }
    return false;
  }

  /** 0.09 is 0x1.70a3d7p-4; the nearest half is 0x1.70cp-4 = 0.090026855. */
  @Test
  public void halfScalesAreRoundedBeforeTheCodesAreChosen() {
    float[] weights = {0f, 15.4991f * .09f, 7.499f * .09f};
    GroupedInteger packed = quantize(weights, 1, exact(4, 0, Symmetry.ASYMMETRIC, DType.F16));
    float step = weights[1] / 15;
    float stored = Float.float16ToFloat(Float.floatToFloat16(step));
    assertEquals(packed.scale(0, 0), stored);
    assertEquals(packed.code(0, 2), (int) Math.rint(weights[2] / (double) stored));
    assertEquals(packed.scales().type(), DType.F16);
  }

  @Test
  public void zerosAndConstantsAreExact() {
    for (Symmetry symmetry : Symmetry.values()) {
      GroupedInteger zeros = quantize(new float[6], 2, exact(3, 0, symmetry, DType.F16));
      assertEquals(zeros.scale(1, 0), 1f);
      assertEquals(values(zeros), new float[6]);
    }
    // 1.875 = 15 * 0.125 and -3.5 = -7 * 0.5: the widened grids hold them exactly.
    float[] constants = {1.875f, 1.875f, -1.875f, -1.875f};
    assertEquals(
        values(quantize(constants, 2, exact(4, 0, Symmetry.ASYMMETRIC, DType.F16))), constants);
    float[] sevens = {-3.5f, -3.5f};
    assertEquals(
        values(quantize(sevens, 1, exact(4, 0, Symmetry.SYMMETRIC_RESTRICTED, DType.F16))), sevens);
  }

  /** Compat keeps qllm-eval's clamp: values in [1, 2] at 4 bits all become 1 (zero point 0). */
  @Test
  public void compatClampsTheZeroPoint() {
    float[] weights = {1f, 1.25f, 1.5f, 2f};
    IntegerGrid grid = new IntegerGrid(4, 0, Symmetry.ASYMMETRIC, DType.F32, Arithmetic.COMPAT);
    GroupedInteger packed = quantize(weights, 1, grid);
    assertEquals(packed.zero(0, 0), 0);
    assertEquals(packed.scale(0, 0), 1f / 15);
    assertEquals(values(packed), new float[] {1f, 1f, 1f, 1f});
  }

  @DataProvider
  public Object[][] effectiveBits() {
    return new Object[][] {
      {4, 128, 256, Symmetry.ASYMMETRIC, DType.F16, 4 + 20.0 / 128},
      {4, 64, 256, Symmetry.SYMMETRIC_FULL, DType.F16, 4 + 16.0 / 64},
      {3, 0, 172, Symmetry.ASYMMETRIC, DType.F16, 3 + 19.0 / 172},
      {2, 64, 128, Symmetry.ASYMMETRIC, DType.F32, 2 + 34.0 / 64},
      {8, 0, 64, Symmetry.SYMMETRIC_RESTRICTED, DType.F16, 8 + 16.0 / 64},
    };
  }

  @Test(dataProvider = "effectiveBits")
  public void bitsPerWeightAreExact(
      int bits, int group, int columns, Symmetry symmetry, DType scales, double expected) {
    GroupedInteger packed =
        quantize(normal(3 * columns, 1), 3, exact(bits, group, symmetry, scales));
    assertEquals(packed.bitsPerWeight(), expected, 0.0);
    long rowBits = Math.round(expected * columns);
    // Each row of codes and of zero points starts at a byte.
    assertTrue(packed.bytes() * 8 >= 3 * rowBits);
    assertTrue(packed.bytes() * 8 < 3 * (rowBits + 16));
  }

  @Test
  public void indivisibleGroupsAreNamedWithTheNearestThatWorks() {
    Tensor matrix = Tensor.of(normal(64 * 172, 2), 64, 172);
    WeightScheme scheme = new WeightScheme(exact(4, 64, Symmetry.ASYMMETRIC, DType.F16));
    String message =
        expectThrows(
                IllegalArgumentException.class,
                () -> scheme.quantize("layers.0.down", matrix, DType.F32, OnIndivisible.ERROR))
            .getMessage();
    for (String part :
        List.of("'layers.0.down'", "[64, 172]", "172", "of 64", " is 43", "channel")) {
      assertTrue(message.contains(part), message);
    }

    QuantizedWeight channel =
        scheme.quantize("layers.0.down", matrix, DType.F32, OnIndivisible.CHANNEL);
    assertEquals(((GroupedInteger) channel.tensor()).groups(), 1);
    assertTrue(channel.note().orElseThrow().contains("layers.0.down"));
    Tensor divisible = Tensor.of(normal(4 * 128, 2), 4, 128);
    assertEquals(
        scheme.quantize("x", divisible, DType.F32, OnIndivisible.CHANNEL).note(), Optional.empty());
  }

  @Test
  public void badWeightsAreNamedByPlace() {
    float[] weights = normal(40 * 8, 3);
    weights[39 * 8 + 5] = Float.NEGATIVE_INFINITY;
    weights[37 * 8 + 2] = Float.NaN;
    String message = failure(weights, 40, exact(4, 4, Symmetry.ASYMMETRIC, DType.F16));
    assertTrue(message.contains("'w' has the value NaN at row 37, column 2"), message);
  }

  @Test
  public void scalesThatDoNotFitAreErrors() {
    float[] weights = {1e6f, -1e6f, 0f, 1f};
    String exact = failure(weights, 1, exact(4, 2, Symmetry.ASYMMETRIC, DType.F16));
    assertTrue(exact.contains("row 0, group 0") && exact.contains("-s32"), exact);
    quantize(weights, 1, exact(4, 2, Symmetry.ASYMMETRIC, DType.F32));
    IntegerGrid compat = new IntegerGrid(4, 2, Symmetry.ASYMMETRIC, DType.F16, Arithmetic.COMPAT);
    assertTrue(failure(weights, 1, compat).contains("too large for F16"));
    assertTrue(failure(new float[] {0, 0, 6e4f, -6e4f}, 1, compat).contains("row 0, group 1"));
  }

  /** Below 2^-14 halves are multiples of 2^-24: the scale is rounded up and spans the group. */
  @Test
  public void tinyScalesAreRoundedUp() {
    float[] weights = {0f, 15 * 1.3e-7f, 6e-8f, 1e-6f};
    GroupedInteger packed = quantize(weights, 1, exact(4, 0, Symmetry.ASYMMETRIC, DType.F16));
    assertEquals(packed.scale(0, 0), 3 * 0x1p-24f);
    float[] back = values(packed);
    for (int i = 0; i < weights.length; i++) {
      assertEquals(back[i], weights[i], 1.5 * 0x1p-24);
    }
  }

  @DataProvider
  public Object[][] grids() {
    return new Object[][] {
      {exact(8, 0, Symmetry.ASYMMETRIC, DType.F16)},
      {exact(7, 13, Symmetry.ASYMMETRIC, DType.F32)},
      {exact(6, 1, Symmetry.SYMMETRIC_FULL, DType.F16)},
      {exact(5, 39, Symmetry.SYMMETRIC_RESTRICTED, DType.F16)},
      {exact(4, 13, Symmetry.SYMMETRIC_FULL, DType.F32)},
      {exact(3, 3, Symmetry.ASYMMETRIC, DType.F16)},
      {exact(2, 0, Symmetry.SYMMETRIC_FULL, DType.F16)},
      {exact(1, 13, Symmetry.ASYMMETRIC, DType.F16)},
      {new IntegerGrid(4, 13, Symmetry.ASYMMETRIC, DType.F32, Arithmetic.COMPAT)},
    };
  }

  /** |w - value| is at most half a step, plus what the rounding of scale and zero point adds. */
  @Test(dataProvider = "grids")
  public void errorsStayWithinHalfAStep(IntegerGrid grid) {
    int rows = 37;
    int columns = 39;
    float[] weights = normal(rows * columns, 4);
    GroupedInteger packed = quantize(weights, rows, grid);
    float[] values = values(packed);
    int group = grid.effectiveGroup(columns);
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      int column = i % columns;
      float step = packed.scale(row, column / group);
      int code = packed.code(row, column);
      assertTrue(code >= 0 && code <= grid.maxCode());
      float inside = Math.abs(weights[i] - values[i]) / step;
      // At an end of the grid a value may lie half a step beyond it (zero point rounded), and
      // M * 2^-11 steps further where the scale was rounded to half.
      boolean end = code == 0 || code == grid.maxCode();
      boolean straddles = straddlesZero(weights, row * columns + column / group * group, group);
      if (straddles || grid.arithmetic() == Arithmetic.EXACT) {
        assertTrue(inside <= .5001 + (end ? .5 + grid.maxCode() * 0x1p-11 : 0), "error " + inside);
      }
      assertEquals(values[i], (code - packed.zero(row, column / group)) * step);
    }
  }

  private static boolean straddlesZero(float[] weights, int from, int count) {
    float low = Float.MAX_VALUE;
    float high = -Float.MAX_VALUE;
    for (int i = from; i < from + count; i++) {
      low = Math.min(low, weights[i]);
      high = Math.max(high, weights[i]);
    }
    return low <= 0 && high >= 0;
  }

  @Test(dataProvider = "grids")
  public void rowsCanBeReorderedAndReadInPieces(IntegerGrid grid) {
    int rows = 5;
    int columns = 39;
    GroupedInteger packed = quantize(normal(rows * columns, 5), rows, grid);
    int[] order = {4, 2, 0, 1, 3};
    GroupedInteger reordered = packed.reorderRows(order);
    float[] values = values(packed);
    for (int row = 0; row < rows; row++) {
      for (int from = 0; from < columns; from += 7) {
        int count = Math.min(11, columns - from);
        float[] piece = new float[count + 2];
        reordered.dequantize(row, from, count, piece, 1);
        int at = order[row] * columns + from;
        assertEquals(
            Arrays.copyOfRange(piece, 1, count + 1), Arrays.copyOfRange(values, at, at + count));
        assertEquals(piece[0] + piece[count + 1], 0f);
      }
    }
  }

  @Test
  public void onlyMatricesAreQuantized() {
    Tensor vector = Tensor.of(new float[4], 4);
    IntegerGrid grid = exact(4, 0, Symmetry.ASYMMETRIC, DType.F16);
    assertThrows(
        IllegalArgumentException.class, () -> RoundToNearest.quantize("norm", vector, grid));
  }

  private static IntegerGrid exact(int bits, int group, Symmetry symmetry, DType scales) {
    return new IntegerGrid(bits, group, symmetry, scales, Arithmetic.EXACT);
  }

  private static GroupedInteger quantize(float[] weights, int rows, IntegerGrid grid) {
    return RoundToNearest.quantize("w", Tensor.of(weights, rows, weights.length / rows), grid);
  }

  private static String failure(float[] weights, int rows, IntegerGrid grid) {
    return expectThrows(IllegalArgumentException.class, () -> quantize(weights, rows, grid))
        .getMessage();
  }

  private static float[] normal(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static int[] codes(GroupedInteger packed, int row) {
    int[] codes = new int[Math.toIntExact(packed.columns())];
    Arrays.setAll(codes, column -> packed.code(row, column));
    return codes;
  }

  private static float[] values(GroupedInteger packed) {
    int columns = Math.toIntExact(packed.columns());
    float[] values = new float[Math.toIntExact(packed.rows()) * columns];
    for (int row = 0; row < packed.rows(); row++) {
      packed.dequantize(row, 0, columns, values, row * columns);
    }
    return values;
  }

  private static GroupedInteger goldenVector(IntegerGrid grid) {
    Tensor weights = Tensor.allocate(DType.F64, 1, WEIGHTS.length);
    MemorySegment.copy(WEIGHTS, 0, weights.data(), JAVA_DOUBLE, 0, WEIGHTS.length);
    return RoundToNearest.quantize("w", weights, grid);
  }

  private static double squaredError(GroupedInteger packed) {
    float[] values = values(packed);
    double sum = 0;
    for (int i = 0; i < WEIGHTS.length; i++) {
      sum += (WEIGHTS[i] - values[i]) * (WEIGHTS[i] - values[i]);
    }
    return sum;
  }
}
