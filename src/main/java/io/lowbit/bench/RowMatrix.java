// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.util.Arrays;

/**
 * A matrix that looks like some columns of a wider one: rows lie further apart than they need to,
 * and memory ends with the last value. Whoever reads behind a row gets NaN or a fault; whoever
 * writes there is seen by {@link #bits}.
 */
final class RowMatrix {
  private static final short PADDING = (short) 0xFFFF;

  private final CaseMemory memory;
  private final DeviceMatrix matrix;

  private RowMatrix(CaseMemory memory, DeviceMatrix matrix) {
    this.memory = memory;
    this.matrix = matrix;
  }

  /**
   * A matrix with given values, rounded to the type.
   *
   * @param values {@code [rows * columns]}
   */
  static RowMatrix of(CaseMemory memory, float[] values, int rows, int columns, DType type) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = type == DType.F16 ? Float.floatToFloat16(values[i]) : BFloat16.fromFloat(values[i]);
    }
    return of(memory, bits, rows, columns, type);
  }

  /** A matrix with given bits, {@code [rows * columns]}. */
  static RowMatrix of(CaseMemory memory, short[] bits, int rows, int columns, DType type) {
    int stride = DeviceMatrix.stride(columns) + 8;
    byte[] bytes = new byte[2 * ((rows - 1) * stride + columns)];
    Arrays.fill(bytes, (byte) PADDING);
    for (int i = 0; i < bits.length; i++) {
      int at = 2 * (i / columns * stride + i % columns);
      bytes[at] = (byte) bits[i];
      bytes[at + 1] = (byte) (bits[i] >> 8);
    }
    return new RowMatrix(
        memory, new DeviceMatrix(memory.bytes(bytes), rows, columns, stride, type));
  }

  /** A matrix for results, of NaN. */
  static RowMatrix poisoned(CaseMemory memory, int rows, int columns, DType type) {
    short[] bits = new short[rows * columns];
    Arrays.fill(bits, PADDING);
    return of(memory, bits, rows, columns, type);
  }

  DeviceMatrix matrix() {
    return matrix;
  }

  /**
   * The bits of the values, {@code [rows * columns]}.
   *
   * @throws IllegalStateException if a kernel wrote between the rows
   */
  short[] bits() {
    int columns = matrix.columns();
    int stride = matrix.stride();
    int count = (matrix.rows() - 1) * stride + columns;
    byte[] bytes = memory.readBytes(matrix.data(), 2 * count);
    short[] bits = new short[matrix.rows() * columns];
    for (int i = 0; i < count; i++) {
      short value = (short) ((bytes[2 * i] & 0xFF) | bytes[2 * i + 1] << 8);
      if (i % stride < columns) {
        bits[i / stride * columns + i % stride] = value;
      } else if (value != PADDING) {
        throw new IllegalStateException(
            "a kernel wrote %04x behind the last column of row %d".formatted(value, i / stride));
      }
    }
    return bits;
  }

  /** The values, {@code [rows * columns]}. */
  float[] values() {
    short[] bits = bits();
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] =
          matrix.type() == DType.F16 ? Float.float16ToFloat(bits[i]) : BFloat16.toFloat(bits[i]);
    }
    return values;
  }
}
