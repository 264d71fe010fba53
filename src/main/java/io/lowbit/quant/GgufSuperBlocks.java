// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static io.lowbit.quant.GgufPlainBlocks.half;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The K formats: blocks of 256 weights in sub-blocks of 16 or 32. Each sub-block has a small
 * integer scale (and minimum), multiplied by the fp16 scale d (and dmin) of the block.
 */
final class GgufSuperBlocks {
  private static final int SIZE = 256;

  private GgufSuperBlocks() {}

  private static int unsigned(MemorySegment data, long at) {
    return data.get(JAVA_BYTE, at) & 0xFF;
  }

  /** {@code scales and minima as nibbles[16], 2-bit codes[64], d, dmin}: w = d sc q - dmin m. */
  static void q2k(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 84, offset += SIZE) {
      float d = half(data, at + 80);
      float dmin = half(data, at + 82);
      for (int sub = 0; sub < 16; sub++) {
        int packed = unsigned(data, at + sub);
        float scale = d * (packed & 15);
        float minimum = dmin * (packed >> 4);
        // 32 bytes hold 128 weights: byte l has weights l, l + 32, l + 64 and l + 96.
        long codes = at + 16 + (sub >> 3) * 32L + (sub & 1) * 16L;
        int shift = ((sub >> 1) & 3) * 2;
        for (int l = 0; l < 16; l++) {
          int q = (data.get(JAVA_BYTE, codes + l) >> shift) & 3;
          into[offset + sub * 16 + l] = scale * q - minimum;
        }
      }
    }
  }

  /** {@code third bits[32], 2-bit codes[64], 6-bit scales[12], d}: w = d (sc - 32) (q - 4). */
  static void q3k(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 110, offset += SIZE) {
      float d = half(data, at + 108);
      for (int sub = 0; sub < 16; sub++) {
        int low = (unsigned(data, at + 96 + (sub & 7)) >> ((sub >> 3) * 4)) & 15;
        int high = (unsigned(data, at + 104 + (sub & 3)) >> ((sub >> 2) * 2)) & 3;
        float scale = d * ((low | (high << 4)) - 32);
        int lane = (sub & 1) * 16;
        long codes = at + 32 + (sub >> 3) * 32L + lane;
        int shift = ((sub >> 1) & 3) * 2;
        int bit = sub >> 1;
        for (int l = 0; l < 16; l++) {
          int q = (data.get(JAVA_BYTE, codes + l) >> shift) & 3;
          int third = (data.get(JAVA_BYTE, at + lane + l) >> bit) & 1;
          into[offset + sub * 16 + l] = scale * ((q | (third << 2)) - 4);
        }
      }
    }
  }

  /** {@code d, dmin, 6-bit scales and minima[12], nibbles[128]}: w = d sc q - dmin m. */
  static void q4k(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 144, offset += SIZE) {
      float d = half(data, at);
      float dmin = half(data, at + 2);
      for (int sub = 0; sub < 8; sub++) {
        float scale = d * scaleOf(data, at + 4, sub);
        float minimum = dmin * minimumOf(data, at + 4, sub);
        long codes = at + 16 + (sub >> 1) * 32L;
        int shift = (sub & 1) * 4;
        for (int l = 0; l < 32; l++) {
          int q = (data.get(JAVA_BYTE, codes + l) >> shift) & 15;
          into[offset + sub * 32 + l] = scale * q - minimum;
        }
      }
    }
  }

  /** {@code d, dmin, 6-bit scales and minima[12], fifth bits[32], nibbles[128]}. */
  static void q5k(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 176, offset += SIZE) {
      float d = half(data, at);
      float dmin = half(data, at + 2);
      for (int sub = 0; sub < 8; sub++) {
        float scale = d * scaleOf(data, at + 4, sub);
        float minimum = dmin * minimumOf(data, at + 4, sub);
        long codes = at + 48 + (sub >> 1) * 32L;
        int shift = (sub & 1) * 4;
        for (int l = 0; l < 32; l++) {
          int fifth = (data.get(JAVA_BYTE, at + 16 + l) >> sub) & 1;
          int q = ((data.get(JAVA_BYTE, codes + l) >> shift) & 15) | (fifth << 4);
          into[offset + sub * 32 + l] = scale * q - minimum;
        }
      }
    }
  }

  /** {@code nibbles[128], upper 2 bits[64], signed scales[16], d}: w = d sc (q - 32). */
  static void q6k(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 210, offset += SIZE) {
      float d = half(data, at + 208);
      for (int sub = 0; sub < 16; sub++) {
        float scale = d * data.get(JAVA_BYTE, at + 192 + sub);
        // In each half of 128: quarters 0 and 1 are low nibbles, 2 and 3 high nibbles.
        int quarter = (sub >> 1) & 3;
        int lane = (sub & 1) * 16;
        long nibbles = at + (sub >> 3) * 64L + (quarter & 1) * 32L + lane;
        long upper = at + 128 + (sub >> 3) * 32L + lane;
        int nibbleShift = (quarter >> 1) * 4;
        int upperShift = quarter * 2;
        for (int l = 0; l < 16; l++) {
          int low = (data.get(JAVA_BYTE, nibbles + l) >> nibbleShift) & 15;
          int high = (data.get(JAVA_BYTE, upper + l) >> upperShift) & 3;
          into[offset + sub * 16 + l] = scale * ((low | (high << 4)) - 32);
        }
      }
    }
  }

  /** Six bits: whole in bytes 0 to 3, or a nibble of bytes 8 to 11 and the top of bytes 0 to 3. */
  private static int scaleOf(MemorySegment data, long at, int sub) {
    return sub < 4
        ? unsigned(data, at + sub) & 63
        : (unsigned(data, at + sub + 4) & 15) | (unsigned(data, at + sub - 4) >> 6 << 4);
  }

  /** As the scale, from bytes 4 to 7 and the other nibbles. */
  private static int minimumOf(MemorySegment data, long at, int sub) {
    return sub < 4
        ? unsigned(data, at + sub + 4) & 63
        : (unsigned(data, at + sub + 4) >> 4) | (unsigned(data, at + sub) >> 6 << 4);
  }
}
