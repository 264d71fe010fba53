// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;

/**
 * Codes of a page's side.
 *
 * @param words bit strings {@code [heads][panels][words][WIDTH]} as in {@link CodePlane}
 */
record SideCodes(HeadLayout layout, int bits, int[] words) {
  static SideCodes allocate(HeadLayout layout, int bits) {
    int strings = layout.heads() * layout.panels() * Lanes.WIDTH;
    return new SideCodes(layout, bits, new int[strings * wordsPerString(layout, bits)]);
  }

  private static int wordsPerString(HeadLayout layout, int bits) {
    return (layout.depth() * bits + 31) / 32;
  }

  private int stringsAt(int head, int panel) {
    return (head * layout.panels() + panel) * wordsPerString(layout, bits) * Lanes.WIDTH;
  }

  void set(int head, int token, int dim, int code) {
    int at = stringsAt(head, layout.panel(token, dim));
    int bit = layout.row(token, dim) * bits;
    CodeKernel.setCode(words, at, layout.lane(token, dim), bit, bits, code);
  }

  /**
   * Values of some rows of a head's panel in one grid per lane.
   *
   * @param into the head, {@code [panels][depth][WIDTH]}
   */
  void dequantize(int head, int panel, int row, int rows, GroupGrid lanes, float[] into) {
    int at = (panel * layout.depth() + row) * Lanes.WIDTH;
    CodeKernel.dequantize(
        words, stringsAt(head, panel), row * bits, bits, rows, lanes, 0, into, at);
  }

  void copyFrom(SideCodes other) {
    System.arraycopy(other.words, 0, words, 0, words.length);
  }

  void clear() {
    Arrays.fill(words, 0);
  }

  long bytes() {
    return 4L * words.length;
  }
}
