// SPDX-License-Identifier: Apache-2.0
package io.lowbit.tensor;

/** bfloat16: the upper half of an fp32. */
public final class BFloat16 {
  private BFloat16() {}

  /** Widens; exact. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Narrows, rounding to nearest, ties to even; NaN stays NaN. */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7FFF_FFFF) > 0x7F80_0000) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
