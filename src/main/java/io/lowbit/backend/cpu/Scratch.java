// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;

/** Working memory of one thread, reused from task to task; contents are undefined between them. */
final class Scratch {
  /** Columns of a weight that are dequantized and summed at a time. */
  static final int DEPTH = 256;

  // Slots of array().
  static final int PRODUCTS = 0;
  static final int INTEGER_SUMS = 1;
  static final int QUERIES = 2;
  static final int KEYS = 3;
  static final int VALUES = 4;
  static final int WEIGHTS = 5;
  static final int OUTPUTS = 6;
  static final int MAXIMA = 7;
  static final int NEXT_MAXIMA = 8;
  static final int SUMS = 9;
  static final int FACTORS = 10;
  static final int ROW = 11;
  static final int EXACT_PRODUCTS = 12;

  /** A dequantized tile, {@code [DEPTH][WIDTH]}. */
  final float[] tile = new float[DEPTH * Lanes.WIDTH];

  /**
   * Packed codes of a tile: at most 8 bits, and one word more where a tile starts inside a word.
   */
  final int[] words = new int[(DEPTH / 4 + 1) * Lanes.WIDTH];

  /** 16-bit values of a tile. */
  final short[] halves = new short[DEPTH * Lanes.WIDTH];

  /** The grids of a tile. */
  final GroupGrid grid = new GroupGrid();

  /** Sums of one row with a panel. */
  final float[] sums = new float[Lanes.WIDTH];

  /** 16 sums of a reduction. */
  final float[] partial = new float[Lanes.PARTIAL_SUMS];

  private final float[][] arrays = new float[13][0];
  private double[] wideSums = new double[0];

  /** An array of at least {@code size} values for one use. */
  float[] array(int slot, int size) {
    if (arrays[slot].length < size) {
      arrays[slot] = new float[size];
    }
    return arrays[slot];
  }

  /** Zeroed fp64 sums. */
  double[] wideSums(int size) {
    if (wideSums.length < size) {
      wideSums = new double[size];
    }
    Arrays.fill(wideSums, 0, size, 0.0);
    return wideSums;
  }
}
