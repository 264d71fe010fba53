// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.tensor.DType;

/** Activations {@code [rows, columns]}, row-major, in a back-end's memory. One row per token. */
public interface Buffer extends AutoCloseable {
  /** Rows. */
  int rows();

  /** Values per row. */
  int columns();

  /** The type every value is rounded to: F32, F16 or BF16. */
  DType type();

  /** Copies one row out, as fp32. */
  void read(int row, float[] into, int offset);

  /** Copies one row in, rounding to {@link #type()}. */
  void write(int row, float[] from, int offset);

  @Override
  void close();
}
