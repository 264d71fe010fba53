// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Round to nearest: every weight takes the closest code of its group's grid.
 *
 * <p>{@link Arithmetic#EXACT}, in fp64 with ties to even, M = 2^bits - 1, over the weights of a
 * group: lo = min(0, min w), hi = max(0, max w).
 *
 * <ul>
 *   <li>asymmetric: s = (hi - lo) / M, zero = clamp(round(-lo / s), 0, M)
 *   <li>symmetric, full: s = 2 max|w| / M, zero = 2^(bits-1)
 *   <li>symmetric, restricted: s = max|w| / (2^(bits-1) - 1), zero = 2^(bits-1)
 *   <li>code = clamp(round(w / s) + zero, 0, M)
 * </ul>
 *
 * Where scales are stored in fp16, s is that rounded value (rounded up below fp16's normal range,
 * so that the codes still span the group). Where they are stored in fp32, s is the fp64 value, of
 * which the stored one is the nearest fp32: they differ by 2^-25 relative, which matters only to
 * the largest magnitude of a full symmetric group, an exact tie. A group of zeros has s = 1 and
 * codes that mean 0; a group of equal weights is represented exactly but for the rounding of s.
 *
 * <p>{@link Arithmetic#COMPAT}: the matrix is rounded to the grid's scale type and every row goes
 * through {@link RowQuantizer}.
 */
public final class RoundToNearest {
  private static final int ROWS_PER_TASK = 16;

  private final String name;
  private final Tensor matrix;
  private final IntegerGrid grid;
  private final long rows;
  private final int columns;
  private final int group;
  private final int groups;
  private final MemorySegment codes;
  private final Tensor scales;
  private final MemorySegment zeros;

  private RoundToNearest(String name, Tensor matrix, IntegerGrid grid) {
    this.name = name;
    this.matrix = matrix;
    this.grid = grid;
    rows = matrix.shape().dimension(0);
    columns = Math.toIntExact(matrix.shape().dimension(1));
    group = grid.effectiveGroup(columns);
    groups = columns / group;
    Arena arena = Arena.ofAuto();
    codes = arena.allocate(rows * GroupedInteger.rowBytes(columns, grid.bits()), 64);
    scales = Tensor.allocate(grid.scaleType(), rows, groups);
    boolean storesZeros = grid.symmetry() == Symmetry.ASYMMETRIC;
    zeros =
        arena.allocate(storesZeros ? rows * GroupedInteger.rowBytes(groups, grid.bits()) : 0, 64);
  }

  /**
   * Quantizes a matrix. Rows are independent and run in parallel; the result does not depend on the
   * number of threads.
   *
   * @param name the tensor's name, for messages
   * @param matrix {@code [rows = outputs, columns = inputs]}, any float type
   * @throws IllegalArgumentException if the groups do not divide the columns, a weight is not
   *     finite, or a scale does not fit its type
   */
  public static GroupedInteger quantize(String name, Tensor matrix, IntegerGrid grid) {
    if (matrix.shape().rank() != 2 || matrix.shape().elements() == 0) {
      throw new IllegalArgumentException(
          "tensor '%s' of shape %s is not a matrix; only matrices are quantized"
              .formatted(name, matrix.shape()));
    }
    requireDivides(name, matrix.shape(), grid);
    return new RoundToNearest(name, matrix, grid).run();
  }

  /** Refuses a matrix whose rows the grid's groups do not divide. */
  static void requireDivides(String name, Shape shape, IntegerGrid grid) {
    long columns = shape.columns();
    if (!grid.divides(columns)) {
      throw new IllegalArgumentException(
          ("tensor '%s' %s: %d columns do not split into groups of %d; the nearest group that"
                  + " works is %d, or one grid per output channel (no group;"
                  + " --on-indivisible=channel does that for such tensors only)")
              .formatted(name, shape, columns, grid.groupSize(), grid.nearestGroup(columns)));
    }
  }

  private GroupedInteger run() {
    int tasks = Math.toIntExact((rows + ROWS_PER_TASK - 1) / ROWS_PER_TASK);
    // Failures are results, so that the first bad row is reported whichever thread was faster.
    Optional<IllegalArgumentException> failure =
        IntStream.range(0, tasks)
            .parallel()
            .mapToObj(task -> quantizeRows((long) task * ROWS_PER_TASK))
            .filter(Objects::nonNull)
            .findFirst();
    if (failure.isPresent()) {
      throw failure.get();
    }
    return new GroupedInteger(rows, columns, grid, codes, scales, zeros);
  }

  private IllegalArgumentException quantizeRows(long first) {
    float[] weights = new float[columns];
    double[] wide = new double[columns];
    byte[] rowCodes = new byte[columns];
    float[] rowScales = new float[groups];
    int[] rowZeros = new int[groups];
    try {
      for (long row = first; row < Math.min(rows, first + ROWS_PER_TASK); row++) {
        matrix.read(row * columns, weights, 0, columns);
        if (grid.arithmetic() == Arithmetic.COMPAT) {
          RowQuantizer.round(weights, 0, columns, grid.scaleType());
        }
        requireFinite(row, weights);
        if (grid.arithmetic() == Arithmetic.COMPAT) {
          RowQuantizer.quantize(weights, 0, columns, grid, rowCodes, 0, rowScales, rowZeros, 0);
        } else {
          widen(row, weights, wide);
          for (int g = 0; g < groups; g++) {
            quantizeGroup(wide, g, rowCodes, rowScales, rowZeros);
          }
        }
        store(row, rowCodes, rowScales, rowZeros);
      }
      return null;
    } catch (IllegalArgumentException e) {
      return e;
    }
  }

  private void requireFinite(long row, float[] weights) {
    for (int column = 0; column < columns; column++) {
      if (!Float.isFinite(weights[column])) {
        throw new IllegalArgumentException(
            "tensor '%s' has the value %s at row %d, column %d%s; such a weight cannot be quantized"
                .formatted(
                    name,
                    matrix.get(row * columns + column),
                    row,
                    column,
                    Float.isFinite(matrix.get(row * columns + column))
                        ? ", too large for " + grid.scaleType()
                        : ""));
      }
    }
  }

  private void widen(long row, float[] weights, double[] wide) {
    if (matrix.type() == DType.F64) {
      MemorySegment.copy(matrix.data(), JAVA_DOUBLE_UNALIGNED, row * columns * 8, wide, 0, columns);
      return;
    }
    for (int i = 0; i < columns; i++) {
      wide[i] = weights[i];
    }
  }

  private void quantizeGroup(double[] weights, int g, byte[] rowCodes, float[] s, int[] z) {
    int from = g * group;
    double low = 0;
    double high = 0;
    for (int i = from; i < from + group; i++) {
      low = Math.min(low, weights[i]);
      high = Math.max(high, weights[i]);
    }
    double range = range(low, high);
    s[g] = low == high ? 1f : RowQuantizer.storedScale((float) range, grid.scaleType());
    boolean useRange = grid.scaleType() == DType.F32 && s[g] == (float) range;
    double step = useRange ? range : s[g];
    int max = grid.maxCode();
    int zero =
        grid.symmetry() == Symmetry.ASYMMETRIC
            ? Math.clamp((int) Math.rint(-low / step), 0, max)
            : grid.fixedZero();
    z[g] = zero;
    for (int i = from; i < from + group; i++) {
      int steps = (int) Math.rint(weights[i] / step);
      rowCodes[i] = (byte) Math.min(Math.max(steps + zero, 0), max);
    }
  }

  /** The distance between two codes that the group's extremes ask for. */
  private double range(double low, double high) {
    return switch (grid.symmetry()) {
      case ASYMMETRIC -> (high - low) / grid.maxCode();
      case SYMMETRIC_FULL -> 2 * Math.max(-low, high) / grid.maxCode();
      case SYMMETRIC_RESTRICTED -> Math.max(-low, high) / grid.maxMagnitude();
    };
  }

  private void store(long row, byte[] rowCodes, float[] rowScales, int[] rowZeros) {
    int bits = grid.bits();
    CodePacking.pack(
        rowCodes, 0, columns, bits, codes, row * GroupedInteger.rowBytes(columns, bits));
    for (int g = 0; g < groups; g++) {
      storeScale(row, g, rowScales[g]);
    }
    if (grid.symmetry() == Symmetry.ASYMMETRIC) {
      byte[] bytes = new byte[groups];
      for (int g = 0; g < groups; g++) {
        bytes[g] = (byte) rowZeros[g];
      }
      CodePacking.pack(bytes, 0, groups, bits, zeros, row * GroupedInteger.rowBytes(groups, bits));
    }
  }

  private void storeScale(long row, int g, float scale) {
    DType type = grid.scaleType();
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException(
          "tensor '%s', row %d, group %d: the scale does not fit %s%s"
              .formatted(
                  name,
                  row,
                  g,
                  type,
                  type == DType.F32 ? "" : "; use fp32 scales (-s32; in compat base fp32)"));
    }
    long at = (row * groups + g) * type.bytes();
    switch (type) {
      case F16 -> scales.data().set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(scale));
      case BF16 -> scales.data().set(JAVA_SHORT_UNALIGNED, at, BFloat16.fromFloat(scale));
      default -> scales.data().set(JAVA_FLOAT_UNALIGNED, at, scale);
    }
  }
}
