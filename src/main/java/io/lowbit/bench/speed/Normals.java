// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A block of normal numbers, rounded to a type; the same for a seed. Zeros would draw less power
 * and let clocks rise.
 *
 * @param rows rows
 * @param columns values per row
 * @param type F16 or BF16
 * @param values {@code [rows * columns]}
 */
record Normals(int rows, int columns, DType type, float[] values) {
  private static final long STEP = 0x9E3779B97F4A7C15L;

  static Normals of(long seed, int rows, int columns, double deviation, DType type) {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    IntStream.range(0, rows)
        .parallel()
        .forEach(row -> {
          SplittableRandom random = new SplittableRandom(seed + STEP * (row + 1));
          for (int i = row * columns; i < (row + 1) * columns; i++) {
            values[i] = round((float) (deviation * random.nextGaussian()), type);
          }
        });
    return new Normals(rows, columns, type, values);
  }

  /** A value rounded to F16 or BF16. */
  static float round(float value, DType type) {
    return value(bits(value, type), type);
  }

  static short bits(float value, DType type) {
    return type == DType.F16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
  }

  static float value(short bits, DType type) {
    return type == DType.F16 ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
  }

  /** The first rows as a device matrix has them, zeros between the rows. */
  MemorySegment bits(int stride, int count) {
    short[] bits = new short[Math.multiplyExact(count, stride)];
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < columns; i++) {
        bits[row * stride + i] = bits(values[row * columns + i], type);
      }
    }
    return MemorySegment.ofArray(bits);
  }
}
