// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CodePacking;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Weights and activations for products with packed weights, the same for the same seed. */
final class PackedGemmData {
  /** What the activations are. */
  enum Kind {
    NORMAL,
    ZEROS,
    DENORMALS,
    /** The largest numbers whose sums over a group fit fp32. */
    LARGEST,
    /** Normal, but one number of one row is NaN. */
    NAN_ROW,
    /** Normal, under scales that take the results to the thousands. */
    LARGE_SCALES
  }

  private final Random random;

  PackedGemmData(long seed) {
    random = new Random(seed);
  }

  /** Random codes, zeros and scales; every code and zero of the grid can occur. */
  GroupedInteger weight(
      int rows, int columns, int bits, int group, Symmetry symmetry, DType scaleType, Kind kind) {
    IntegerGrid grid = new IntegerGrid(bits, group, symmetry, scaleType, Arithmetic.EXACT);
    int groups = columns / grid.effectiveGroup(columns);
    Tensor scales = Tensor.allocate(scaleType, rows, groups);
    for (int i = 0; i < rows * groups; i++) {
      setScale(scales, i, (float) (scaleOf(kind, bits) * (1 + random.nextDouble())));
    }
    int zeroCodes = symmetry == Symmetry.ASYMMETRIC ? groups : 0;
    return new GroupedInteger(
        rows, columns, grid, codes(rows, columns, bits), scales, codes(rows, zeroCodes, bits));
  }

  private static double scaleOf(Kind kind, int bits) {
    return switch (kind) {
      // Results of the largest fp16 numbers stay within fp16: 2^16 * 2^bits * K 2^-(bits + 11).
      case LARGEST -> Math.scalb(1.0, -bits - 11);
      case LARGE_SCALES -> Math.scalb(512.0, -bits);
      default -> Math.scalb(0.1, -bits);
    };
  }

  private static void setScale(Tensor scales, int index, float scale) {
    if (scales.type() == DType.F16) {
      short bits = Float.floatToFloat16(scale);
      scales.data().set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * index, bits);
    } else {
      scales.data().set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * index, scale);
    }
  }

  private MemorySegment codes(int rows, int columns, int bits) {
    long rowBytes = GroupedInteger.rowBytes(columns, bits);
    MemorySegment packed = Arena.ofAuto().allocate(rows * rowBytes);
    byte[] codes = new byte[columns];
    for (int row = 0; row < rows; row++) {
      random.nextBytes(codes);
      for (int i = 0; i < columns; i++) {
        codes[i] &= (byte) ((1 << bits) - 1);
      }
      CodePacking.pack(codes, 0, columns, bits, packed, row * rowBytes);
    }
    return packed;
  }

  /** Activations {@code [rows * columns]}, numbers of the type. */
  float[] activations(int rows, int columns, DType type, Kind kind) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = CaseMemory.round(activation(type, kind), type);
    }
    if (kind == Kind.NAN_ROW) {
      values[rows / 2 * columns + columns - 1] = Float.NaN;
    }
    return values;
  }

  private float activation(DType type, Kind kind) {
    boolean half = type == DType.F16;
    int sign = random.nextBoolean() ? 1 : -1;
    return switch (kind) {
      case NORMAL, NAN_ROW, LARGE_SCALES -> (float) random.nextGaussian();
      case ZEROS -> 0f;
      case DENORMALS ->
          sign * (half ? random.nextInt(1024) * 0x1p-24f : random.nextInt(128) * 0x1p-133f);
      case LARGEST -> sign * (half ? 65504f : 0x1p108f);
    };
  }

  /** A bias of the type. */
  float[] bias(int count, DType type) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = CaseMemory.round((float) random.nextGaussian(), type);
    }
    return values;
  }
}
