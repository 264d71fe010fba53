// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** Arithmetic on fp16 and bf16 codes; every result is rounded once, to nearest even. */
enum Halves {
  F16 {
    @Override
    float widen(int code) {
      return Float.float16ToFloat((short) code);
    }

    @Override
    int round(float value) {
      return Float.isNaN(value) ? NAN : Float.floatToFloat16(value) & 0xFFFF;
    }
  },
  BF16 {
    @Override
    float widen(int code) {
      return Float.intBitsToFloat(code << 16);
    }

    @Override
    int round(float value) {
      int bits = Float.floatToRawIntBits(value);
      return Float.isNaN(value) ? NAN : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
    }
  };

  /** The NaN that arithmetic gives. */
  static final int NAN = 0x7FFF;

  /** Exact. */
  abstract float widen(int code);

  /** To nearest even. */
  abstract int round(float value);

  /** To nearest even, from a double that has itself been rounded to odd or is exact. */
  int round(double value) {
    return round(ExactSums.narrow(value));
  }

  int add(int a, int b) {
    return round(ExactSums.sum(widen(a), widen(b)));
  }

  int sub(int a, int b) {
    return round(ExactSums.sum(widen(a), -widen(b)));
  }

  int mul(int a, int b) {
    return round((double) widen(a) * widen(b));
  }

  /** The product of two halves is exact in double. */
  int fma(int a, int b, int c) {
    return round(ExactSums.sum((double) widen(a) * widen(b), widen(c)));
  }

  int min(int a, int b, boolean keepNaN) {
    float x = widen(a);
    float y = widen(b);
    if (Float.isNaN(x) || Float.isNaN(y)) {
      return keepNaN || (Float.isNaN(x) && Float.isNaN(y)) ? NAN : Float.isNaN(x) ? b : a;
    }
    return Float.compare(x, y) < 0 ? a : b;
  }

  int max(int a, int b, boolean keepNaN) {
    float x = widen(a);
    float y = widen(b);
    if (Float.isNaN(x) || Float.isNaN(y)) {
      return keepNaN || (Float.isNaN(x) && Float.isNaN(y)) ? NAN : Float.isNaN(x) ? b : a;
    }
    return Float.compare(x, y) > 0 ? a : b;
  }

  /** Clamps to [0, 1]; NaN becomes 0. */
  int saturate(int code) {
    float value = widen(code);
    return value > 0 ? value < 1 ? code : round(1f) : 0;
  }

  /** Negative values and negative zero become 0; NaN stays. */
  int relu(int code) {
    float value = widen(code);
    return Float.isNaN(value) ? NAN : value > 0 ? code : 0;
  }
}
