// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Loop64;

/** Loops over 64-bit integers. */
final class WideLoops {
  private WideLoops() {}

  static void add(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] + b[l];
    }
  }

  static void sub(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] - b[l];
    }
  }

  static void mul(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] * b[l];
    }
  }

  static void mad(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] * b[l] + c[l];
    }
  }

  static void and(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] & b[l];
    }
  }

  static void or(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] | b[l];
    }
  }

  static void xor(long[] d, long[] a, long[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] ^ b[l];
    }
  }

  /** a * b of signed halves, plus c. */
  static void mulWideSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (long) a[l] * b[l];
    }
  }

  static void mulWideUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (a[l] & 0xFFFF_FFFFL) * (b[l] & 0xFFFF_FFFFL);
    }
  }

  static void madWideSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (long) a[l] * b[l] + c[l];
    }
  }

  static void madWideUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (a[l] & 0xFFFF_FFFFL) * (b[l] & 0xFFFF_FFFFL) + c[l];
    }
  }

  static void shiftLeft(long[] d, long[] a, int[] b) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (b[l] & 0xFFFF_FFC0) != 0 ? 0 : a[l] << b[l];
    }
  }

  static void shiftRightUnsigned(long[] d, long[] a, int[] b) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (b[l] & 0xFFFF_FFC0) != 0 ? 0 : a[l] >>> b[l];
    }
  }

  static void shiftRightSigned(long[] d, long[] a, int[] b) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] >> ((b[l] & 0xFFFF_FFC0) != 0 ? 63 : b[l]);
    }
  }

  static Loop64 mulHigh(boolean signed) {
    return LaneLoops.each64(
        (a, b, c) -> signed ? Math.multiplyHigh(a, b) : Math.unsignedMultiplyHigh(a, b));
  }

  static Loop64 div(boolean signed) {
    // Division by zero gives no defined value; all ones is what devices give.
    return LaneLoops.each64((a, b, c) -> b == 0 ? -1 : signed ? a / b : Long.divideUnsigned(a, b));
  }

  static Loop64 rem(boolean signed) {
    return LaneLoops.each64(
        (a, b, c) -> b == 0 ? a : signed ? a % b : Long.remainderUnsigned(a, b));
  }

  static Loop64 min(boolean signed) {
    return LaneLoops.each64(
        (a, b, c) -> (signed ? Long.compare(a, b) : Long.compareUnsigned(a, b)) < 0 ? a : b);
  }

  static Loop64 max(boolean signed) {
    return LaneLoops.each64(
        (a, b, c) -> (signed ? Long.compare(a, b) : Long.compareUnsigned(a, b)) > 0 ? a : b);
  }
}
