// SPDX-License-Identifier: Apache-2.0
package io.lowbit.tensor;

/**
 * The two 8-bit floats of the OCP specification: E4M3 (no infinities, NaN 0x7F) and E5M2
 * (IEEE-like).
 */
public final class Float8 {
  private Float8() {}

  /** Widens E4M3; exact. */
  public static float e4m3ToFloat(byte bits) {
    int magnitude = bits & 0x7F;
    float sign = bits < 0 ? -1f : 1f;
    if (magnitude == 0x7F) {
      return Float.NaN;
    }
    int exponent = magnitude >> 3;
    int mantissa = magnitude & 7;
    return exponent == 0
        ? sign * mantissa * 0x1p-9f
        : sign * Math.scalb(1f + mantissa / 8f, exponent - 7);
  }

  /** Widens E5M2; exact: it is the upper byte of an IEEE half. */
  public static float e5m2ToFloat(byte bits) {
    return Float.float16ToFloat((short) (bits << 8));
  }
}
