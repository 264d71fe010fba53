// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GgufType;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Random inputs and what is needed to look at outputs. */
final class Fixtures {
  private Fixtures() {}

  static float[] gaussian(Random random, int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  static Buffer buffer(Backend backend, int rows, int columns, float[] values) {
    Buffer buffer = backend.allocate(rows, columns);
    for (int row = 0; row < rows; row++) {
      buffer.write(row, values, row * columns);
    }
    return buffer;
  }

  static float[] values(Buffer buffer) {
    float[] values = new float[buffer.rows() * buffer.columns()];
    for (int row = 0; row < buffer.rows(); row++) {
      buffer.read(row, values, row * buffer.columns());
    }
    return values;
  }

  static Tensor tensor(DType type, int rows, int columns, float[] values) {
    if (type == DType.F32) {
      return Tensor.of(values, rows, columns);
    }
    Tensor tensor = Tensor.allocate(type, rows, columns);
    for (int i = 0; i < values.length; i++) {
      short bits =
          type == DType.F16 ? Float.floatToFloat16(values[i]) : BFloat16.fromFloat(values[i]);
      tensor.data().setAtIndex(ValueLayout.JAVA_SHORT, i, bits);
    }
    return tensor;
  }

  static MemorySegment randomBytes(Random random, long count) {
    MemorySegment segment = Arena.ofAuto().allocate(count, 8);
    byte[] bytes = new byte[(int) count];
    random.nextBytes(bytes);
    return segment.copyFrom(MemorySegment.ofArray(bytes));
  }

  /** Random codes and zero points, scales near 1 / (32 * 2^bits). */
  static GroupedInteger integers(
      Random random, int rows, int columns, int bits, int group, boolean asymmetric, DType scales) {
    IntegerGrid grid =
        new IntegerGrid(
            bits,
            group,
            asymmetric ? IntegerGrid.Symmetry.ASYMMETRIC : IntegerGrid.Symmetry.SYMMETRIC_FULL,
            scales,
            Arithmetic.EXACT);
    int groups = columns / grid.effectiveGroup(columns);
    float[] scale = new float[rows * groups];
    for (int i = 0; i < scale.length; i++) {
      scale[i] = (0.5f + random.nextFloat()) / (32 << bits);
    }
    Tensor stored = tensor(scales, rows, groups, scale);
    return new GroupedInteger(
        rows,
        columns,
        grid,
        randomBytes(random, rows * GroupedInteger.rowBytes(columns, bits)),
        new Tensor(scales, Shape.of(rows, groups), stored.data()),
        randomBytes(random, asymmetric ? rows * GroupedInteger.rowBytes(groups, bits) : 0));
  }

  /** Random blocks whose halves are finite. */
  static GgufBlocks blocks(Random random, GgufType type, int rows, int columns) {
    long count = (long) rows * columns / type.blockSize();
    MemorySegment data = randomBytes(random, count * type.blockBytes());
    for (long block = 0; block < count; block++) {
      long at = block * type.blockBytes();
      switch (type) {
        case Q2_K -> {
          setHalf(data, at + 80, random);
          setHalf(data, at + 82, random);
        }
        case Q3_K -> setHalf(data, at + 108, random);
        case Q4_1, Q5_1, Q4_K, Q5_K -> {
          setHalf(data, at, random);
          setHalf(data, at + 2, random);
        }
        case Q6_K -> setHalf(data, at + 208, random);
        case TQ1_0 -> setHalf(data, at + 52, random);
        case TQ2_0 -> setHalf(data, at + 64, random);
        case MXFP4 -> data.set(ValueLayout.JAVA_BYTE, at, (byte) (118 + random.nextInt(4)));
        case NVFP4 -> {
          for (int i = 0; i < 4; i++) {
            data.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt(32));
          }
        }
        default -> setHalf(data, at, random);
      }
    }
    return new GgufBlocks(type, rows, columns, data);
  }

  private static void setHalf(MemorySegment data, long at, Random random) {
    short half = Float.floatToFloat16((float) random.nextGaussian() * 0.01f);
    data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, half);
  }
}
