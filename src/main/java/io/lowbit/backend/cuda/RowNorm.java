// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Norm;
import java.util.List;
import java.util.Locale;

/** Normalisation of rows: {@code rows_*_norm_*} of {@code kernels/rows.cu}. */
public final class RowNorm {
  // The order of the sums follows from the number of threads, so this is part of the arithmetic.
  private static final int MOST_THREADS = 512;

  private final Kernels kernels;

  /** The operation on a device. */
  public RowNorm(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Normalises each row as {@link Norm.Kind} says: sums in fp32, in an order that follows from the
   * number of columns alone; the result is rounded once.
   *
   * @param x {@code [tokens, width]}
   * @param epsilon added before the root
   * @param weight {@code [width]} of x's type, aligned to 16 bytes
   * @param biasOrNull the same for layer norms, or {@link DevicePointer#NULL}
   * @param out of x's shape and type; may be {@code x}
   */
  public void run(
      DeviceMatrix x,
      Norm.Kind kind,
      float epsilon,
      DevicePointer weight,
      DevicePointer biasOrNull,
      DeviceMatrix out) {
    DeviceMatrix.requireOneType("norm", List.of(x, out));
    out.requireShape("norm output", x.rows(), x.columns());
    if (kind != Norm.Kind.LAYER && !biasOrNull.equals(DevicePointer.NULL)) {
      throw new IllegalArgumentException(
          "a norm of kind %s has no bias; only layer norms do".formatted(kind));
    }
    if (x.rows() == 0) {
      return;
    }
    String name = kind.name().toLowerCase(Locale.ROOT);
    int chunks = Math.ceilDiv(x.columns(), RowGrid.CHUNK);
    kernels.launch(
        kernels.function("rows", "rows_%s_norm_%s".formatted(x.suffix(), name)),
        LaunchShape.of(x.rows(), RowGrid.threads(chunks, MOST_THREADS)),
        kernels
            .arguments()
            .pointer(x.data())
            .int64(x.stride())
            .float32(epsilon)
            .pointer(weight)
            .pointer(biasOrNull)
            .pointer(out.data())
            .int64(out.stride())
            .int32(x.columns()),
        x);
  }
}
