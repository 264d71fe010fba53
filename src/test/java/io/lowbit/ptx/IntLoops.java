// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Lane32;

/** Loops over 32-bit integers. */
final class IntLoops {
  private IntLoops() {}

  static void add(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] + b[l];
    }
  }

  static void sub(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] - b[l];
    }
  }

  static void mul(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] * b[l];
    }
  }

  static void mad(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] * b[l] + c[l];
    }
  }

  static void and(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] & b[l];
    }
  }

  static void or(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] | b[l];
    }
  }

  static void xor(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] ^ b[l];
    }
  }

  static void shiftLeft(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (b[l] & ~31) != 0 ? 0 : a[l] << b[l];
    }
  }

  static void shiftRightUnsigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (b[l] & ~31) != 0 ? 0 : a[l] >>> b[l];
    }
  }

  static void shiftRightSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] >> ((b[l] & ~31) != 0 ? 31 : b[l]);
    }
  }

  static void minSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = Math.min(a[l], b[l]);
    }
  }

  static void maxSigned(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = Math.max(a[l], b[l]);
    }
  }

  static Lane32 min(boolean signed) {
    return (a, b, c) ->
        (signed ? Integer.compare(a, b) : Integer.compareUnsigned(a, b)) < 0 ? a : b;
  }

  static Lane32 max(boolean signed) {
    return (a, b, c) ->
        (signed ? Integer.compare(a, b) : Integer.compareUnsigned(a, b)) > 0 ? a : b;
  }

  static Lane32 mulHigh(boolean signed) {
    return (a, b, c) ->
        (int) ((signed ? (long) a * b : (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL)) >>> 32);
  }

  static Lane32 madHigh(boolean signed) {
    Lane32 product = mulHigh(signed);
    return (a, b, c) -> product.apply(a, b, 0) + c;
  }

  static Lane32 div(boolean signed) {
    // Division by zero gives no defined value; all ones is what devices give.
    return (a, b, c) -> b == 0 ? -1 : signed ? a / b : Integer.divideUnsigned(a, b);
  }

  static Lane32 rem(boolean signed) {
    return (a, b, c) -> b == 0 ? a : signed ? a % b : Integer.remainderUnsigned(a, b);
  }

  static int clamp(long value, boolean signed) {
    return (int) (signed ? Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE) : value);
  }
}
