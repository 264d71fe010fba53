// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.lowbit.quant.GgufType;
import java.lang.foreign.MemorySegment;

/**
 * Where the codes and factors of a GGUF block lie. Layouts: Q4_0 {d, 16 nibble pairs}, Q4_1 {d, m,
 * 16 nibble pairs}, Q5_0 {d, 32 high bits, 16 nibble pairs}, Q5_1 {d, m, 32 high bits, 16 nibble
 * pairs}, Q8_0 {d, 32 signed bytes}, Q6_K {128 low nibble pairs, 64 bytes of high bits, 16 signed
 * scales, d}; d and m are halves.
 */
final class GgufFields {
  static final int Q6_K_GROUP = 16;
  static final int Q6_K_SCALES = 192;

  private GgufFields() {}

  /** Whether a format is integer codes with linear scales, in the layouts named above. */
  static boolean knows(GgufType type) {
    return switch (type) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q6_K, Q8_0 -> true;
      default -> false;
    };
  }

  /** Bits of an unsigned code. */
  static int bits(GgufType type) {
    return switch (type) {
      case Q4_0, Q4_1 -> 4;
      case Q5_0, Q5_1 -> 5;
      case Q6_K -> 6;
      case Q8_0 -> 8;
      default -> throw unknown(type);
    };
  }

  /** Byte of the block at which its factor d lies. */
  static int factorOffset(GgufType type) {
    return type == GgufType.Q6_K ? 208 : 0;
  }

  /** The unsigned codes of the block at byte {@code at}; Q8_0's are shifted by 128. */
  static void codes(GgufType type, MemorySegment data, long at, int[] into) {
    switch (type) {
      case Q4_0 -> nibbles(data, at + 2, 0, into);
      case Q4_1 -> nibbles(data, at + 4, 0, into);
      case Q5_0 -> nibbles(data, at + 6, data.get(JAVA_INT_UNALIGNED, at + 2), into);
      case Q5_1 -> nibbles(data, at + 8, data.get(JAVA_INT_UNALIGNED, at + 4), into);
      case Q8_0 -> {
        for (int i = 0; i < 32; i++) {
          into[i] = data.get(JAVA_BYTE, at + 2 + i) + 128;
        }
      }
      case Q6_K -> {
        for (int half = 0; half < 2; half++) {
          sixBits(data, at + 64L * half, at + 128 + 32L * half, into, 128 * half);
        }
      }
      default -> throw unknown(type);
    }
  }

  private static IllegalArgumentException unknown(GgufType type) {
    return new IllegalArgumentException("no panel layout for " + type);
  }

  private static void nibbles(MemorySegment data, long at, int highBits, int[] into) {
    for (int i = 0; i < 16; i++) {
      int pair = data.get(JAVA_BYTE, at + i);
      into[i] = (pair & 15) | (((highBits >>> i) & 1) << 4);
      into[i + 16] = ((pair >>> 4) & 15) | (((highBits >>> (i + 16)) & 1) << 4);
    }
  }

  /** 128 codes: byte i of the high bits serves codes i, i + 32, i + 64 and i + 96. */
  private static void sixBits(MemorySegment data, long low, long high, int[] into, int offset) {
    for (int i = 0; i < 32; i++) {
      int first = data.get(JAVA_BYTE, low + i);
      int second = data.get(JAVA_BYTE, low + 32 + i);
      int bits = data.get(JAVA_BYTE, high + i);
      into[offset + i] = (first & 15) | ((bits & 3) << 4);
      into[offset + i + 32] = (second & 15) | (((bits >>> 2) & 3) << 4);
      into[offset + i + 64] = ((first >>> 4) & 15) | (((bits >>> 4) & 3) << 4);
      into[offset + i + 96] = ((second >>> 4) & 15) | (((bits >>> 6) & 3) << 4);
    }
  }
}
