// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * How the columns of a product are cut into segments. Every product sums each segment from zero and
 * adds the segments in order, so its bits follow from (N, K) alone; whether one block runs all
 * segments of a tile or each has a block of its own is a matter of speed.
 *
 * @param segments number of segments, at least 1
 * @param length columns of a segment, a multiple of {@link #STEP}; the last one may be shorter
 */
public record SplitK(int segments, int length) {
  /** Columns that a kernel takes at a time. */
  public static final int STEP = 64;

  /** Output features of a tile. */
  public static final int TILE = 64;

  // Blocks that keep a large GPU busy at one row: twice the multiprocessors of an H100, whatever
  // the GPU at hand has, because the sums must not depend on it.
  private static final int WANTED_BLOCKS = 264;
  // Shorter segments would spend their time on filling the pipeline.
  private static final int SHORTEST = 256;

  /**
   * The segments of a product.
   *
   * @param outputs N, output features
   * @param inputs K, columns that are summed over
   */
  public static SplitK of(int outputs, int inputs) {
    int tiles = Math.ceilDiv(outputs, TILE);
    int wanted = Math.ceilDiv(WANTED_BLOCKS, tiles);
    int possible = Math.max(1, inputs / SHORTEST);
    int length = Math.ceilDiv(Math.ceilDiv(inputs, Math.min(wanted, possible)), STEP) * STEP;
    return new SplitK(Math.ceilDiv(inputs, length), length);
  }
}
