// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.List;

/** Sum of two matrices: {@code rows_*_add} of {@code kernels/rows.cu}. */
public final class Addition {
  private static final int THREADS = 256;

  private final Kernels kernels;

  /** The operation on a device. */
  public Addition(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * {@code x += y}, rounded once.
   *
   * @param x {@code [tokens, width]}
   * @param y of the same shape and type; may be {@code x}
   */
  public void run(DeviceMatrix x, DeviceMatrix y) {
    DeviceMatrix.requireOneType("addition", List.of(x, y));
    y.requireShape("summand", x.rows(), x.columns());
    if (x.rows() == 0) {
      return;
    }
    int chunks = Math.ceilDiv(x.columns(), RowGrid.CHUNK);
    kernels.launch(
        kernels.function("rows", "rows_%s_add".formatted(x.suffix())),
        RowGrid.of(x.rows(), chunks, THREADS),
        kernels
            .arguments()
            .pointer(x.data())
            .int64(x.stride())
            .pointer(y.data())
            .int64(y.stride())
            .int32(x.columns()),
        x);
  }
}
