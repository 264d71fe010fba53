// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.List;

/** Rows of a table by number: {@code rows_embed} of {@code kernels/rows.cu}. */
public final class Embedding {
  private static final int THREADS = 256;

  private final Kernels kernels;

  /** The operation on a device. */
  public Embedding(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * {@code out[i] = table[ids[i]]}, bit for bit.
   *
   * @param table {@code [vocabulary, width]}
   * @param ids int32 {@code [out.rows()]} on the device; each must be a row of the table, which the
   *     caller has checked
   * @param out {@code [tokens, width]}, of the table's type, not overlapping it
   */
  public void run(DeviceMatrix table, DevicePointer ids, DeviceMatrix out) {
    DeviceMatrix.requireOneType("embedding", List.of(table, out));
    out.requireShape("embedding output", out.rows(), table.columns());
    if (out.rows() == 0) {
      return;
    }
    if (table.rows() == 0) {
      throw new IllegalArgumentException("the embedding table has no rows");
    }
    int chunks = Math.ceilDiv(out.columns(), RowGrid.CHUNK);
    kernels.launch(
        kernels.function("rows", "rows_embed"),
        RowGrid.of(out.rows(), chunks, THREADS),
        kernels
            .arguments()
            .pointer(table.data())
            .int64(table.stride())
            .pointer(ids)
            .pointer(out.data())
            .int64(out.stride())
            .int32(out.columns()),
        out);
  }
}
