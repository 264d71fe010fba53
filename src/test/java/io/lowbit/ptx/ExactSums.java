// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/**
 * Rounding to odd, which lets a result be rounded again to a narrower format as if at once (Boldo
 * and Melquiond 2008: enough when the wider format has two more bits).
 */
final class ExactSums {
  private ExactSums() {}

  /** a + b rounded to odd in double. */
  static double sum(double a, double b) {
    double s = a + b;
    if (Double.isNaN(s) || Double.isInfinite(s)) {
      return s;
    }
    double bPart = s - a;
    double error = (a - (s - bPart)) + (b - bPart);
    return toOdd(s, error);
  }

  /** a / b rounded to odd in double; a and b are fp32 values. */
  static double quotient(double a, double b) {
    double q = a / b;
    if (Double.isNaN(q) || Double.isInfinite(q) || q == 0) {
      return q;
    }
    double remainder = Math.fma(-q, b, a);
    return toOdd(q, b > 0 ? remainder : -remainder);
  }

  /** The square root of an fp32 value rounded to odd in double. */
  static double root(double a) {
    double r = Math.sqrt(a);
    return Double.isNaN(r) || Double.isInfinite(r) || r == 0 ? r : toOdd(r, Math.fma(-r, r, a));
  }

  private static double toOdd(double rounded, double error) {
    if (error == 0 || (Double.doubleToRawLongBits(rounded) & 1) != 0) {
      return rounded;
    }
    return error > 0 ? Math.nextUp(rounded) : Math.nextDown(rounded);
  }

  /** A double rounded to odd in fp32. */
  static float narrow(double value) {
    float f = (float) value;
    if (f == value || Float.isNaN(f) || (Float.floatToRawIntBits(f) & 1) != 0) {
      return f;
    }
    return value > f ? Math.nextUp(f) : Math.nextDown(f);
  }
}
