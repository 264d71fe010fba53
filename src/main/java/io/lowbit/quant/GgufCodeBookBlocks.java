// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static io.lowbit.quant.GgufPlainBlocks.half;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** Formats whose 4-bit codes are indices into a table of 16 values. */
final class GgufCodeBookBlocks {
  /** The non-linear 4-bit levels of the IQ4 formats. */
  private static final float[] IQ4 = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /** Twice the values of E2M1, without a negative zero; the scales below are halved in turn. */
  private static final float[] E2M1_DOUBLED = {
    0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12
  };

  private GgufCodeBookBlocks() {}

  /** {@code d, nibbles[16]}: w = d level(q). */
  static void iq4nl(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 18, offset += 32) {
      nibbles(data, at + 2, 16, half(data, at), IQ4, into, offset);
    }
  }

  /** {@code d, upper scale bits in a short, lower scale bits[4], nibbles[128]}. */
  static void iq4xs(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 136, offset += 256) {
      float d = half(data, at);
      int upper = data.get(JAVA_SHORT_UNALIGNED, at + 2);
      for (int sub = 0; sub < 8; sub++) {
        int low = (data.get(JAVA_BYTE, at + 4 + (sub >> 1)) >> ((sub & 1) * 4)) & 15;
        int scale = (low | ((upper >> (sub * 2)) & 3) << 4) - 32;
        nibbles(data, at + 8 + sub * 16L, 16, d * scale, IQ4, into, offset + sub * 32);
      }
    }
  }

  /** {@code exponent byte, nibbles[16]}: w = 2^(e - 127) E2M1(q), 255 being an exponent too. */
  static void mxfp4(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 17, offset += 32) {
      float scale = Math.scalb(1f, (data.get(JAVA_BYTE, at) & 0xFF) - 128);
      nibbles(data, at + 1, 16, scale, E2M1_DOUBLED, into, offset);
    }
  }

  /** {@code unsigned E4M3 scales[4], nibbles[4][8]}: four sub-blocks of 16. */
  static void nvfp4(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 36, offset += 64) {
      for (int sub = 0; sub < 4; sub++) {
        float scale = halvedScale(data.get(JAVA_BYTE, at + sub));
        nibbles(data, at + 4 + sub * 8L, 8, scale, E2M1_DOUBLED, into, offset + sub * 16);
      }
    }
  }

  /** Half the value of an E4M3 scale; the sign bit is not looked at and NaN counts as zero. */
  private static float halvedScale(byte bits) {
    int exponent = (bits >> 3) & 15;
    int mantissa = bits & 7;
    if (bits == 0x7F) {
      return 0;
    }
    return exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(1f + mantissa / 8f, exponent - 8);
  }

  private static void nibbles(
      MemorySegment data, long at, int bytes, float d, float[] levels, float[] into, int offset) {
    for (int j = 0; j < bytes; j++) {
      int packed = data.get(JAVA_BYTE, at + j);
      into[offset + j] = d * levels[packed & 15];
      into[offset + bytes + j] = d * levels[(packed >> 4) & 15];
    }
  }
}
