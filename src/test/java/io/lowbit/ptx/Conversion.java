// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxType;

/** One value from one type to another, on the low bits of a long. */
interface Conversion {
  long apply(long source);

  /** The conversion of an instruction between two scalar types. */
  static Conversion of(Instruction in, PtxType to, PtxType from) {
    RoundingMode mode = RoundingMode.of(in.suffixes);
    boolean saturate = in.has("sat");
    if (from.floating() && to.floating()) {
      return floats(in, to, from, mode);
    }
    if (from.floating()) {
      FloatFormat source = FloatFormat.of(from);
      boolean flush = in.has("ftz") && from == PtxType.F32;
      return code -> {
        double value = source.decode(code);
        return toInteger(flush ? FloatFamily.flush((float) value) : value, mode, to, from);
      };
    }
    if (to.floating()) {
      FloatFormat target = FloatFormat.of(to);
      return value -> fromInteger(value, target, mode, from, saturate);
    }
    return value -> {
      long extended = extend(value, from);
      return extend(saturate ? clamp(extended, from, to) : extended, to);
    };
  }

  private static Conversion floats(Instruction in, PtxType to, PtxType from, RoundingMode mode) {
    FloatFormat source = FloatFormat.of(from);
    FloatFormat target = FloatFormat.of(to);
    boolean flushIn = in.has("ftz") && from == PtxType.F32;
    boolean flushOut = in.has("ftz") && to == PtxType.F32;
    boolean integral = in.suffixes.stream().anyMatch(s -> s.matches("r[nzmp]i"));
    boolean saturate = in.has("sat");
    boolean finite = in.has("satfinite");
    boolean relu = in.has("relu");
    return code -> {
      double value = source.decode(code);
      if (flushIn) {
        value = FloatFamily.flush((float) value);
      }
      if (integral) {
        value = toIntegral(value, mode);
      }
      if (saturate) {
        value = value > 0 ? Math.min(value, 1) : 0;
      }
      if (relu && value <= 0) {
        value = 0;
      }
      long result = target.encode(value, mode, finite);
      return flushOut
          ? Float.floatToRawIntBits(FloatFamily.flush(Float.intBitsToFloat((int) result)))
          : result;
    };
  }

  /** A value rounded to an integer that may be any double. */
  static double toIntegral(double value, RoundingMode mode) {
    return switch (mode) {
      case NEAREST_EVEN -> Math.rint(value);
      case NEAREST_AWAY -> Math.copySign(Math.floor(Math.abs(value) + 0.5), value);
      case TOWARD_ZERO -> value < 0 ? Math.ceil(value) : Math.floor(value);
      case DOWN -> Math.floor(value);
      case UP -> Math.ceil(value);
    };
  }

  /**
   * Rounds and clamps; NaN becomes 0, or the top bit where fp64 or 64-bit integers are involved.
   */
  static long toInteger(double value, RoundingMode mode, PtxType to, PtxType from) {
    if (Double.isNaN(value)) {
      boolean large = from == PtxType.F64 || to.bits() == 64;
      return large ? extend(1L << (to.bits() - 1), to) : 0;
    }
    double integral = toIntegral(value, mode);
    if (to.signed()) {
      long limit = to.bits() == 64 ? Long.MAX_VALUE : (1L << (to.bits() - 1)) - 1;
      return Math.max(Math.min((long) integral, limit), -limit - 1);
    }
    if (integral <= 0) {
      return 0;
    }
    if (to.bits() == 64) {
      return integral >= 0x1p64
          ? -1
          : integral >= 0x1p63 ? (long) (integral - 0x1p63) ^ Long.MIN_VALUE : (long) integral;
    }
    return Math.min((long) integral, (1L << to.bits()) - 1);
  }

  private static long fromInteger(
      long value, FloatFormat target, RoundingMode mode, PtxType from, boolean saturate) {
    long extended = extend(value, from);
    boolean negative = from.signed() && extended < 0;
    if (saturate) {
      return target.encode(negative ? 0 : extended != 0 ? 1 : 0, mode, false);
    }
    return target.encode(negative, negative ? -extended : extended, 0, mode, false);
  }

  /** The low bits of a value, extended as their type says. */
  static long extend(long value, PtxType type) {
    int unused = 64 - type.bits();
    return type.signed() ? value << unused >> unused : value << unused >>> unused;
  }

  /** A value clamped to the range of another integer type. */
  private static long clamp(long value, PtxType from, PtxType to) {
    if (!from.signed() && value < 0) {
      // More than the largest signed long.
      return to.signed() ? -1L >>> (65 - to.bits()) : -1L >>> (64 - to.bits());
    }
    long high =
        to.signed()
            ? -1L >>> (65 - to.bits())
            : to.bits() == 64 ? Long.MAX_VALUE : -1L >>> (64 - to.bits());
    long low = to.signed() ? -high - 1 : 0;
    return Math.max(low, Math.min(high, value));
  }
}
