// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Buffer;
import io.lowbit.tensor.DType;

/** Activations as one fp32 array, row-major; every value is a value of {@link #type()}. */
final class CpuBuffer implements Buffer {
  private static final float[] CLOSED = new float[0];

  private final int rows;
  private final int columns;
  private final DType type;
  private final ArrayPool pool;
  private float[] values;

  private CpuBuffer(int rows, int columns, DType type, ArrayPool pool, float[] values) {
    this.rows = rows;
    this.columns = columns;
    this.type = type;
    this.pool = pool;
    this.values = values;
  }

  static CpuBuffer allocate(int rows, int columns, DType type, ArrayPool pool) {
    long count = (long) rows * columns;
    if (rows < 0 || columns < 0 || count > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a CPU buffer holds up to 2^31 values, not %,d x %,d; use smaller batches"
              .formatted(rows, columns));
    }
    return new CpuBuffer(rows, columns, type, pool, pool.take((int) count));
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public DType type() {
    return type;
  }

  /** {@code [rows, columns]}, and perhaps more behind them; none once the buffer is closed. */
  float[] values() {
    return values;
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
    float[] array = values;
    values = CLOSED;
    pool.give(array);
  }
}
