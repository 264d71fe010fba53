// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** Rotation of heads by position: {@code rows_*_rotate_*} of {@code kernels/rows.cu}. */
public final class RotaryEmbedding {
  private static final int THREADS = 128;

  private final Kernels kernels;

  /** The operation on a device. */
  public RotaryEmbedding(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Rotates the first {@code 2 * pairs} values of each head of each row in place: {@code (a, b)}
   * becomes {@code (a cos - b sin, b cos + a sin)}, each product and each sum rounded to fp32, the
   * result rounded once more. The same bits as the CPU's.
   *
   * @param x {@code [tokens, heads * headDim]}
   * @param cosSin fp32 {@code [positions][pairs][2]} on the device, aligned to 16 bytes: cosine and
   *     sine, multiplied by the magnitude
   * @param pairs rotated pairs per head; with none nothing happens
   * @param interleaved pairs are (2i, 2i + 1) instead of (i, i + pairs)
   * @param positions int32 {@code [tokens]} on the device, each a position of the table, which the
   *     caller has checked, or -1 for a row to leave alone
   */
  public void run(
      DeviceMatrix x,
      int headDim,
      DevicePointer cosSin,
      int pairs,
      boolean interleaved,
      DevicePointer positions) {
    if (headDim < 1 || x.columns() % headDim != 0 || pairs < 0 || 2L * pairs > headDim) {
      throw new IllegalArgumentException(
          "%d pairs cannot be rotated in heads of %d values in rows of %d"
              .formatted(pairs, headDim, x.columns()));
    }
    if (x.rows() == 0 || pairs == 0) {
      return;
    }
    // Pairs that a thread takes: as many as make 16-byte accesses, where all heads allow them.
    int step = interleaved ? RowGrid.CHUNK / 2 : RowGrid.CHUNK;
    boolean wide = headDim % RowGrid.CHUNK == 0 && pairs % step == 0;
    String variant = !wide ? "pairs" : interleaved ? "neighbours" : "halves";
    int heads = x.columns() / headDim;
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.data())
            .int64(x.stride())
            .int32(headDim)
            .int32(heads)
            .pointer(cosSin)
            .int32(pairs)
            .pointer(positions);
    LaunchShape shape;
    if (wide) {
      shape = RowGrid.of(x.rows(), heads * (pairs / step), THREADS);
    } else {
      shape = LaunchShape.of(x.rows(), RowGrid.threads(heads * pairs, THREADS));
      arguments.int32(interleaved ? 2 : 1).int32(interleaved ? 1 : pairs);
    }
    kernels.launch(
        kernels.function("rows", "rows_%s_rotate_%s".formatted(x.suffix(), variant)),
        shape,
        arguments,
        x);
  }
}
