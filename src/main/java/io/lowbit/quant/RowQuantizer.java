// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;

/**
 * The plain-loop reference of run-time quantization: activations per token, keys and values per
 * token and head. Every back-end gives these codes, scales and zero points bit for bit.
 *
 * <p>A run of {@code count} values is cut into groups of the grid's size (0 = one group). Codes are
 * unsigned and lie one per byte ({@code code & 0xFF}); symmetric grids have the zero point {@code
 * 2^(bits-1)}, so {@code value = (code - zero) * scale} always. Rounding is half to even, division
 * is true division. With M = 2^bits - 1:
 *
 * <ul>
 *   <li>{@link Arithmetic#EXACT}, in fp32: lo = min(0, min x), hi = max(0, max x), scale = (hi -
 *       lo) / M rounded to the grid's scale type, zero = clamp(round(-lo / scale), 0, M), code =
 *       clamp(round(x / scale) + zero, 0, M) with the <em>rounded</em> scale. Symmetric: scale =
 *       max|x| / (2^(bits-1) - 1). A group of zeros has scale 1.
 *   <li>{@link Arithmetic#COMPAT}: every operation rounded to the scale type, which is the tensor's
 *       own type. scale = max(max x - min x, 1e-5) / M, zero = clamp(-round(min x / scale), 0, M).
 *       Symmetric: scale = max(max|x|, 1e-5) / (2^(bits-1) - 1).
 * </ul>
 *
 * A scale that is not finite (an overflow, or NaN or infinity in the input) becomes NaN, and so
 * does every value of its group: it shows in whatever is computed from it.
 */
public final class RowQuantizer {
  /**
   * Scales below the normal range of fp16 are rounded up, so that the codes still span the group.
   */
  private static final float SMALLEST_NORMAL_HALF = 0x1p-14f;

  /** Quotients are cut here before they are rounded: far outside the codes, well inside an int. */
  private static final float FAR = 1024f;

  private RowQuantizer() {}

  /**
   * Quantizes {@code count} values. Allocates nothing.
   *
   * @param x values, read from {@code from} on
   * @param codes receives {@code count} codes from {@code codeAt} on
   * @param scales receives one scale per group from {@code gridAt} on
   * @param zeros receives one zero point per group from {@code gridAt} on
   * @throws IllegalArgumentException if {@code count} is not a multiple of the group size
   */
  public static void quantize(
      float[] x,
      int from,
      int count,
      IntegerGrid grid,
      byte[] codes,
      int codeAt,
      float[] scales,
      int[] zeros,
      int gridAt) {
    int group = wholeGroups(count, grid);
    for (int start = 0, g = gridAt; start < count; start += group, g++) {
      float scale = scale(x, from + start, group, grid);
      int zero = zero(x, from + start, group, grid, scale);
      scales[g] = scale;
      zeros[g] = zero;
      encode(x, from + start, group, grid, scale, zero, codes, codeAt + start);
    }
  }

  /**
   * Values of {@code count} codes laid out as {@link #quantize} writes them. In compat they are
   * rounded to the scale type, as the original does.
   */
  public static void dequantize(
      byte[] codes,
      int codeAt,
      int count,
      IntegerGrid grid,
      float[] scales,
      int[] zeros,
      int gridAt,
      float[] into,
      int at) {
    int group = wholeGroups(count, grid);
    for (int start = 0, g = gridAt; start < count; start += group, g++) {
      decode(codes, codeAt + start, group, scales[g], zeros[g], into, at + start);
      if (grid.roundsValues()) {
        round(into, at + start, group, grid.scaleType());
      }
    }
  }

  private static int wholeGroups(int count, IntegerGrid grid) {
    if (!grid.divides(count)) {
      throw new IllegalArgumentException(
          "%d values do not split into groups of %d; the nearest group that works is %d"
              .formatted(count, grid.groupSize(), grid.nearestGroup(count)));
    }
    return grid.effectiveGroup(count);
  }

  /** The scale of one group. */
  public static float scale(float[] x, int from, int count, IntegerGrid grid) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      low = Math.min(low, x[i]);
      high = Math.max(high, x[i]);
    }
    float scale =
        grid.arithmetic() == Arithmetic.COMPAT
            ? compatScale(low, high, grid)
            : exactScale(Math.min(low, 0f), Math.max(high, 0f), grid);
    return scale < Float.POSITIVE_INFINITY ? scale : Float.NaN;
  }

  private static float exactScale(float low, float high, IntegerGrid grid) {
    float scale =
        switch (grid.symmetry()) {
          case ASYMMETRIC -> (high - low) / grid.maxCode();
          case SYMMETRIC_RESTRICTED -> Math.max(-low, high) / grid.maxMagnitude();
          case SYMMETRIC_FULL ->
              throw new IllegalArgumentException("the full symmetric grid is for weights only");
        };
    return low == high ? 1f : storedScale(scale, grid.scaleType());
  }

  /**
   * The value that a positive exact scale has once it is stored: rounded to nearest, but up where
   * the type is denser than its own step, and at least the smallest normal fp32.
   */
  static float storedScale(float scale, DType type) {
    if (type == DType.F32) {
      return Math.max(scale, Float.MIN_NORMAL);
    }
    float stored = round(scale, DType.F16);
    return stored < scale && stored < SMALLEST_NORMAL_HALF ? stored + 0x1p-24f : stored;
  }

  private static float compatScale(float low, float high, IntegerGrid grid) {
    DType type = grid.scaleType();
    float floor = round(1e-5f, type);
    return grid.symmetry() == Symmetry.ASYMMETRIC
        ? round(Math.max(round(high - low, type), floor) / grid.maxCode(), type)
        : round(Math.max(Math.max(-low, high), floor) / grid.maxMagnitude(), type);
  }

  /** The zero point of one group whose scale is known. */
  public static int zero(float[] x, int from, int count, IntegerGrid grid, float scale) {
    if (grid.symmetry() != Symmetry.ASYMMETRIC) {
      return grid.fixedZero();
    }
    float low = Float.POSITIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      low = Math.min(low, x[i]);
    }
    float steps =
        grid.arithmetic() == Arithmetic.COMPAT
            ? round(low / scale, grid.scaleType())
            : Math.min(low, 0f) / scale;
    return Math.clamp(-roundToInt(steps), 0, grid.maxCode());
  }

  /** The codes of one group whose scale and zero point are known. */
  public static void encode(
      float[] x,
      int from,
      int count,
      IntegerGrid grid,
      float scale,
      int zero,
      byte[] codes,
      int codeAt) {
    int max = grid.maxCode();
    if (grid.roundsValues()) {
      DType type = grid.scaleType();
      for (int i = 0; i < count; i++) {
        int steps = roundToInt(round(x[from + i] / scale, type));
        codes[codeAt + i] = (byte) Math.clamp(steps + zero, 0, max);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      int steps = roundToInt(x[from + i] / scale);
      codes[codeAt + i] = (byte) Math.min(Math.max(steps + zero, 0), max);
    }
  }

  /** {@code into[at + i] = (code - zero) * scale}, in fp32. */
  public static void decode(
      byte[] codes, int codeAt, int count, float scale, int zero, float[] into, int at) {
    for (int i = 0; i < count; i++) {
      into[at + i] = ((codes[codeAt + i] & 0xFF) - zero) * scale;
    }
  }

  /** Rounds half to even; NaN gives 0. */
  private static int roundToInt(float steps) {
    return (int) Math.rint(Math.min(Math.max(steps, -FAR), FAR));
  }

  /** Rounds values in place to a type, ties to even. */
  static void round(float[] values, int from, int count, DType type) {
    for (int i = from; i < from + count; i++) {
      values[i] = round(values[i], type);
    }
  }

  /** {@code value} rounded to F32, F16 or BF16, ties to even. */
  static float round(float value, DType type) {
    return switch (type) {
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> BFloat16.toFloat(BFloat16.fromFloat(value));
      default -> value;
    };
  }
}
