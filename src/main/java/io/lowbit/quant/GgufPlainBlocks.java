// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Blocks of 32 weights with one fp16 scale d and, in the {@code _1} formats, an fp16 offset m.
 * Nibble bytes hold weight j below and weight j + 16 above.
 */
final class GgufPlainBlocks {
  private static final int SIZE = 32;
  private static final int HALF = 16;

  private GgufPlainBlocks() {}

  static float half(MemorySegment data, long at) {
    return Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, at));
  }

  /** {@code d, nibbles[16]}: w = (q - 8) d. */
  static void q4_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 18, offset += SIZE) {
      float d = half(data, at);
      for (int j = 0; j < HALF; j++) {
        int packed = data.get(JAVA_BYTE, at + 2 + j);
        into[offset + j] = ((packed & 15) - 8) * d;
        into[offset + HALF + j] = (((packed >> 4) & 15) - 8) * d;
      }
    }
  }

  /** {@code d, m, nibbles[16]}: w = q d + m. */
  static void q4_1(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 20, offset += SIZE) {
      float d = half(data, at);
      float m = half(data, at + 2);
      for (int j = 0; j < HALF; j++) {
        int packed = data.get(JAVA_BYTE, at + 4 + j);
        into[offset + j] = (packed & 15) * d + m;
        into[offset + HALF + j] = ((packed >> 4) & 15) * d + m;
      }
    }
  }

  /** {@code d, fifth bits in an int, nibbles[16]}: w = (q - 16) d. */
  static void q5_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 22, offset += SIZE) {
      float d = half(data, at);
      int high = data.get(JAVA_INT_UNALIGNED, at + 2);
      for (int j = 0; j < HALF; j++) {
        int packed = data.get(JAVA_BYTE, at + 6 + j);
        into[offset + j] = (((packed & 15) | ((high >>> j) & 1) << 4) - 16) * d;
        into[offset + HALF + j] =
            ((((packed >> 4) & 15) | ((high >>> (j + HALF)) & 1) << 4) - 16) * d;
      }
    }
  }

  /** {@code d, m, fifth bits in an int, nibbles[16]}: w = q d + m. */
  static void q5_1(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 24, offset += SIZE) {
      float d = half(data, at);
      float m = half(data, at + 2);
      int high = data.get(JAVA_INT_UNALIGNED, at + 4);
      for (int j = 0; j < HALF; j++) {
        int packed = data.get(JAVA_BYTE, at + 8 + j);
        into[offset + j] = ((packed & 15) | ((high >>> j) & 1) << 4) * d + m;
        into[offset + HALF + j] = (((packed >> 4) & 15) | ((high >>> (j + HALF)) & 1) << 4) * d + m;
      }
    }
  }

  /** {@code d, bytes[32]}: w = q d. */
  static void q8_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 34, offset += SIZE) {
      float d = half(data, at);
      for (int j = 0; j < SIZE; j++) {
        into[offset + j] = data.get(JAVA_BYTE, at + 2 + j) * d;
      }
    }
  }
}
