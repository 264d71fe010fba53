// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Unsigned codes of 1 to 8 bits in memory: a row starts at a byte, code {@code i} takes bits {@code
 * i * bits} to {@code (i + 1) * bits - 1} counted from the lowest bit of the first byte. Unused
 * bits of the last byte are 0.
 */
public final class CodePacking {
  private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private CodePacking() {}

  /**
   * Packs a row.
   *
   * @param codes one code per byte, {@code count} of them from {@code from} on, each below {@code
   *     2^bits}
   * @param packed receives {@link GroupedInteger#rowBytes} bytes from {@code at} on
   */
  public static void pack(
      byte[] codes, int from, int count, int bits, MemorySegment packed, long at) {
    if (bits == 8) {
      MemorySegment.copy(codes, from, packed, JAVA_BYTE, at, count);
      return;
    }
    int pending = 0;
    int filled = 0;
    for (int i = from; i < from + count; i++) {
      pending |= (codes[i] & 0xFF) << filled;
      filled += bits;
      if (filled >= 8) {
        packed.set(JAVA_BYTE, at++, (byte) pending);
        pending >>>= 8;
        filled -= 8;
      }
    }
    if (filled > 0) {
      packed.set(JAVA_BYTE, at, (byte) pending);
    }
  }

  /** The code at {@code index} of the row that starts at byte {@code row}. */
  public static int code(MemorySegment packed, long row, long index, int bits) {
    long bit = index * bits;
    long at = row + (bit >>> 3);
    int shift = (int) (bit & 7);
    int word = packed.get(JAVA_BYTE, at) & 0xFF;
    if (shift + bits > 8) {
      word |= (packed.get(JAVA_BYTE, at + 1) & 0xFF) << 8;
    }
    return (word >>> shift) & ((1 << bits) - 1);
  }

  /**
   * Unpacks {@code count} codes from {@code index} on of the row that starts at byte {@code row}.
   *
   * @param codes receives one code per byte from {@code into} on
   */
  public static void unpack(
      MemorySegment packed, long row, long index, int count, int bits, byte[] codes, int into) {
    if (bits == 8) {
      MemorySegment.copy(packed, JAVA_BYTE, row + index, codes, into, count);
      return;
    }
    int i = 0;
    while (i < count && ((index + i) & 7) != 0) {
      codes[into + i] = (byte) code(packed, row, index + i, bits);
      i++;
    }
    int mask = (1 << bits) - 1;
    for (; i + 8 <= count; i += 8) {
      long word = eight(packed, row, index + i, bits);
      for (int k = 0; k < 8; k++) {
        codes[into + i + k] = (byte) ((word >>> (k * bits)) & mask);
      }
    }
    for (; i < count; i++) {
      codes[into + i] = (byte) code(packed, row, index + i, bits);
    }
  }

  /** {@code into[at + i] = (code(index + i) - zero) * scale}, in fp32. */
  static void decode(
      MemorySegment packed,
      long row,
      long index,
      int count,
      int bits,
      int zero,
      float scale,
      float[] into,
      int at) {
    int i = 0;
    while (i < count && ((index + i) & 7) != 0) {
      into[at + i] = (code(packed, row, index + i, bits) - zero) * scale;
      i++;
    }
    int mask = (1 << bits) - 1;
    for (; i + 8 <= count; i += 8) {
      long word = eight(packed, row, index + i, bits);
      for (int k = 0; k < 8; k++) {
        into[at + i + k] = (((int) (word >>> (k * bits)) & mask) - zero) * scale;
      }
    }
    for (; i < count; i++) {
      into[at + i] = (code(packed, row, index + i, bits) - zero) * scale;
    }
  }

  /** Codes {@code index} (a multiple of 8) to {@code index + 7}: they take {@code bits} bytes. */
  private static long eight(MemorySegment packed, long row, long index, int bits) {
    long at = row + (index >>> 3) * bits;
    if (at + 8 <= packed.byteSize()) {
      return packed.get(LITTLE_ENDIAN_LONG, at);
    }
    long word = 0;
    for (int b = 0; b < bits; b++) {
      word |= (packed.get(JAVA_BYTE, at + b) & 0xFFL) << (8 * b);
    }
    return word;
  }
}
