// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxType;

/** A binary floating-point format: exact decoding, and encoding with one rounding. */
enum FloatFormat {
  F16(5, 10, true, 0x7FFF),
  BF16(8, 7, true, 0x7FFF),
  /** The upper 19 bits of an fp32; the others are zero. */
  TF32(8, 10, true, 0x7FFF_FFFF),
  F32(8, 23, true, 0x7FFF_FFFF),
  F64(11, 52, true, 0x7FFF_FFFF_FFFF_FFFFL),
  /** OCP E4M3: no infinities, and only the all-ones magnitude is no number. */
  E4M3(4, 3, false, 0x7F),
  E5M2(5, 2, true, 0x7F);

  private final int mantissaBits;
  private final int bias;
  private final int exponentMask;
  private final boolean infinities;
  private final long canonicalNaN;

  FloatFormat(int exponentBits, int mantissaBits, boolean infinities, long canonicalNaN) {
    this.mantissaBits = mantissaBits;
    this.infinities = infinities;
    this.canonicalNaN = canonicalNaN;
    bias = (1 << (exponentBits - 1)) - 1;
    exponentMask = (1 << exponentBits) - 1;
  }

  /** The format of one element of a type. */
  static FloatFormat of(PtxType type) {
    return switch (type) {
      case F16, F16X2 -> F16;
      case BF16, BF16X2 -> BF16;
      case TF32 -> TF32;
      case F32 -> F32;
      case F64 -> F64;
      case E4M3, E4M3X2 -> E4M3;
      case E5M2, E5M2X2 -> E5M2;
      default -> throw new IllegalArgumentException(type + " is no floating-point type");
    };
  }

  long canonicalNaN() {
    return canonicalNaN;
  }

  private long signBit() {
    return (exponentMask + 1L) << mantissaBits;
  }

  /** Magnitude of what overflow gives: infinity, or NaN where there is none. */
  private long limit() {
    return infinities
        ? (long) exponentMask << mantissaBits
        : ((long) exponentMask << mantissaBits) + (1L << mantissaBits) - 1;
  }

  /** The value of a code; exact. */
  double decode(long code) {
    long bits = this == TF32 ? code >>> 13 : code;
    long magnitude = bits & (signBit() - 1);
    double sign = (bits & signBit()) == 0 ? 1 : -1;
    if (magnitude > limit() || (!infinities && magnitude == limit())) {
      return Double.NaN;
    }
    if (infinities && magnitude == limit()) {
      return sign * Double.POSITIVE_INFINITY;
    }
    int exponent = (int) (magnitude >>> mantissaBits);
    long mantissa = magnitude & ((1L << mantissaBits) - 1);
    if (exponent > 0) {
      mantissa |= 1L << mantissaBits;
    }
    return sign * Math.scalb((double) mantissa, Math.max(exponent, 1) - bias - mantissaBits);
  }

  /** The code of a value, rounded once. */
  long encode(double value, RoundingMode mode, boolean saturate) {
    if (Double.isNaN(value)) {
      return canonicalNaN;
    }
    long bits = Double.doubleToRawLongBits(value);
    boolean negative = bits < 0;
    if (Double.isInfinite(value)) {
      return finish(negative, saturate ? limit() - 1 : limit());
    }
    int exponent = (int) (bits >>> 52) & 0x7FF;
    long mantissa = bits & 0xF_FFFF_FFFF_FFFFL;
    if (exponent > 0) {
      mantissa |= 1L << 52;
    }
    return encode(negative, mantissa, Math.max(exponent, 1) - 1075, mode, saturate);
  }

  /**
   * The code of {@code ±significand * 2^exponent}, rounded once.
   *
   * @param significand unsigned
   */
  long encode(
      boolean negative, long significand, int exponent, RoundingMode mode, boolean saturate) {
    if (significand == 0) {
      return finish(negative, 0);
    }
    int top = 63 - Long.numberOfLeadingZeros(significand);
    int lowest = Math.max(exponent + top, 1 - bias) - mantissaBits;
    int cut = lowest - exponent;
    long kept;
    if (cut <= 0) {
      kept = significand << -cut;
    } else {
      kept = cut > 63 ? 0 : significand >>> cut;
      boolean half = cut <= 64 && (significand >>> (cut - 1) & 1) != 0;
      boolean rest = cut > 64 || (cut > 1 && (significand & (-1L >>> (65 - cut))) != 0);
      if (mode.up(negative, (kept & 1) != 0, half, rest)) {
        kept++;
      }
    }
    // The hidden bit of a normal number adds one to the exponent field, as does a carry.
    long magnitude = ((long) (lowest + mantissaBits + bias - 1) << mantissaBits) + kept;
    return finish(negative, limitRange(magnitude, negative, mode, saturate));
  }

  private long limitRange(long magnitude, boolean negative, RoundingMode mode, boolean saturate) {
    if (Long.compareUnsigned(magnitude, limit()) < 0) {
      return magnitude;
    }
    boolean inward =
        mode == RoundingMode.TOWARD_ZERO
            || (mode == RoundingMode.DOWN && !negative)
            || (mode == RoundingMode.UP && negative);
    return saturate || inward ? limit() - 1 : limit();
  }

  private long finish(boolean negative, long magnitude) {
    long code = magnitude | (negative ? signBit() : 0);
    return this == TF32 ? code << 13 : code;
  }
}
