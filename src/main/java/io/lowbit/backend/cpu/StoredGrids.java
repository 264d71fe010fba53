// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.tensor.DType;
import java.util.Arrays;

/**
 * Scales and zero points of a page's side.
 *
 * @param scales in the type, where F32 takes two shorts each
 * @param zeros one byte each
 */
record StoredGrids(DType type, short[] scales, byte[] zeros) {
  static StoredGrids allocate(DType type, int count) {
    return new StoredGrids(type, new short[count * type.bytes() / 2], new byte[count]);
  }

  void set(int index, float scale, int zero) {
    zeros[index] = (byte) zero;
    if (type == DType.F32) {
      int bits = Float.floatToRawIntBits(scale);
      scales[2 * index] = (short) bits;
      scales[2 * index + 1] = (short) (bits >>> 16);
    } else {
      scales[index] = Rounding.narrow(type, scale);
    }
  }

  float scale(int index) {
    return switch (type) {
      case F32 ->
          Float.intBitsToFloat((scales[2 * index] & 0xFFFF) | (scales[2 * index + 1] << 16));
      case F16 -> Float.float16ToFloat(scales[index]);
      default -> Float.intBitsToFloat(scales[index] << 16);
    };
  }

  int zero(int index) {
    return zeros[index] & 0xFF;
  }

  void copyFrom(StoredGrids other) {
    System.arraycopy(other.scales, 0, scales, 0, scales.length);
    System.arraycopy(other.zeros, 0, zeros, 0, zeros.length);
  }

  void clear() {
    Arrays.fill(scales, (short) 0);
    Arrays.fill(zeros, (byte) 0);
  }

  long bytes() {
    return 2L * scales.length + zeros.length;
  }
}
