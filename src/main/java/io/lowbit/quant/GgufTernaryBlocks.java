// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import static io.lowbit.quant.GgufPlainBlocks.half;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Formats whose weights are -d or d, or -d, 0 or d. */
final class GgufTernaryBlocks {
  /** Multiplying a packed byte by 3^n brings its digit n to the top. */
  private static final int[] POWERS_OF_THREE = {1, 3, 9, 27, 81};

  private GgufTernaryBlocks() {}

  /** {@code d, bits[16]}: 128 weights, set = d, clear = -d. */
  static void q1_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 18, offset += 128) {
      float d = half(data, at);
      for (int j = 0; j < 128; j++) {
        boolean set = ((data.get(JAVA_BYTE, at + 2 + (j >> 3)) >> (j & 7)) & 1) != 0;
        into[offset + j] = set ? d : -d;
      }
    }
  }

  /**
   * {@code bytes[48] of five ternary digits, bytes[4] of four, d}. A byte is a fraction of 256 in
   * base 3; digit n of each of a run of bytes makes a run of weights.
   */
  static void tq1_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 54, offset += 256) {
      float d = half(data, at + 52);
      digits(data, at, 32, 5, d, into, offset);
      digits(data, at + 32, 16, 5, d, into, offset + 160);
      digits(data, at + 48, 4, 4, d, into, offset + 240);
    }
  }

  private static void digits(
      MemorySegment data, long at, int bytes, int digits, float d, float[] into, int offset) {
    for (int n = 0; n < digits; n++) {
      for (int j = 0; j < bytes; j++) {
        int shifted = (data.get(JAVA_BYTE, at + j) * POWERS_OF_THREE[n]) & 0xFF;
        into[offset + n * bytes + j] = (((shifted * 3) >> 8) - 1) * d;
      }
    }
  }

  /** {@code 2-bit codes[64], d}: w = (q - 1) d; 32 bytes hold 128 weights. */
  static void tq2_0(MemorySegment data, long at, int blocks, float[] into, int offset) {
    for (int block = 0; block < blocks; block++, at += 66, offset += 256) {
      float d = half(data, at + 64);
      for (int run = 0; run < 8; run++) {
        long codes = at + (run >> 2) * 32L;
        int shift = (run & 3) * 2;
        for (int j = 0; j < 32; j++) {
          into[offset + run * 32 + j] = (((data.get(JAVA_BYTE, codes + j) >> shift) & 3) - 1) * d;
        }
      }
    }
  }
}
