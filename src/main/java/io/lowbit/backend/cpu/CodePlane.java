// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Off-heap unsigned codes of 1 to 8 bits. Each lane of a panel is a bit string, code k in bits
 * {@code k * bits} and up, little-endian; its 32-bit words are interleaved with those of the other
 * lanes: {@code [panels][words][WIDTH]}. So one vector load brings the same few codes of each lane,
 * whatever the number of bits, and nothing is padded but the end of a row.
 */
record CodePlane(int bits, int words, MemorySegment data) {
  private static final int WIDTH = Lanes.WIDTH;

  static CodePlane allocate(Arena arena, int bits, int panels, int depth) {
    int words = Math.toIntExact(((long) depth * bits + 31) / 32);
    return new CodePlane(bits, words, arena.allocate((long) panels * words * WIDTH * 4, 64));
  }

  long bytes() {
    return data.byteSize();
  }

  /** Stores one 32-bit word of a lane's bit string. */
  void setWord(int panel, int word, int lane, int value) {
    data.set(JAVA_INT, (((long) panel * words + word) * WIDTH + lane) * 4, value);
  }

  /**
   * Copies the words that hold codes {@code from} to {@code from + count - 1} of all lanes.
   *
   * @return the bit of the copied strings at which code {@code from} starts
   */
  int copy(int panel, int from, int count, int[] into) {
    int firstWord = (int) (((long) from * bits) >>> 5);
    int lastWord = (int) (((long) (from + count) * bits - 1) >>> 5);
    long offset = ((long) panel * words + firstWord) * WIDTH * 4;
    MemorySegment.copy(data, JAVA_INT, offset, into, 0, (lastWord - firstWord + 1) * WIDTH);
    return (int) ((long) from * bits & 31);
  }
}
