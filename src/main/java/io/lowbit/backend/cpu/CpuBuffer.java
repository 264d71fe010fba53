// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Buffer;
import io.lowbit.tensor.DType;

/**
 * Activations as one fp32 array, row-major; every value is a value of {@link #type()}.
 *
 * @param values {@code [rows, columns]}
 */
record CpuBuffer(int rows, int columns, DType type, float[] values) implements Buffer {
  static CpuBuffer allocate(int rows, int columns, DType type) {
    long count = (long) rows * columns;
    if (rows < 0 || columns < 0 || count > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a CPU buffer holds up to 2^31 values, not %,d x %,d; use smaller batches"
              .formatted(rows, columns));
    }
    return new CpuBuffer(rows, columns, type, new float[(int) count]);
  }

  @Override
  public void read(int row, float[] into, int offset) {
    System.arraycopy(values, row * columns, into, offset, columns);
  }

  @Override
  public void write(int row, float[] from, int offset) {
    System.arraycopy(from, offset, values, row * columns, columns);
    Rounding.round(type, values, row * columns, columns);
  }

  @Override
  public void close() {
    // The array goes with the last reference to it.
  }
}
