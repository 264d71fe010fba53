// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** Geometry of kernels that give a block one row (x), and a thread one piece of it (x and y). */
final class RowGrid {
  /** Values that a thread takes at a time: 16 bytes. */
  static final int CHUNK = 8;

  private static final int WARP = 32;

  private RowGrid() {}

  /**
   * Blocks of whole warps, no more of them than a row needs.
   *
   * @param rows at least 1
   * @param pieces of a row, at least 1
   * @param mostThreads most threads of a block, a multiple of 32
   */
  static LaunchShape of(int rows, int pieces, int mostThreads) {
    int threads = threads(pieces, mostThreads);
    return new LaunchShape(Dim3.of(rows, Math.ceilDiv(pieces, threads)), Dim3.of(threads), 0);
  }

  /** Threads of a block: whole warps, as many as there are pieces or {@code mostThreads}. */
  static int threads(int pieces, int mostThreads) {
    return Math.min(mostThreads, Math.ceilDiv(pieces, WARP) * WARP);
  }
}
