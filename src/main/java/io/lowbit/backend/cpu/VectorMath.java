// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Element-wise functions in fp32; each lane is a function of its own value only. */
final class VectorMath {
  // Constants are vectors made once: broadcasting each where it is used makes methods so large that
  // the compiler stops inlining and boxes the vectors.
  private static final FloatVector LOG2_E = constant(1.442695f);
  // ln 2 in two parts: the first has 12 trailing zero bits, so its product with n is exact.
  private static final FloatVector MINUS_LN2_HIGH = constant(-0x1.62ep-1f);
  private static final FloatVector MINUS_LN2_LOW = constant((float) (0x1.62ep-1 - Math.log(2)));
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low mantissa bits.
  private static final FloatVector ROUNDER = constant(0x1.8p23f);
  private static final FloatVector UNDERFLOW = constant(-87.3365f);
  private static final FloatVector OVERFLOW = constant(88.7228f);
  private static final FloatVector ZERO = constant(0f);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector ONE = constant(1f);
  private static final FloatVector INFINITY = constant(Float.POSITIVE_INFINITY);
  private static final FloatVector EXP_3 = constant(1f / 6);
  private static final FloatVector EXP_4 = constant(1f / 24);
  private static final FloatVector EXP_5 = constant(1f / 120);
  private static final FloatVector EXP_6 = constant(1f / 720);
  private static final FloatVector EXP_7 = constant(1f / 5040);
  private static final FloatVector GELU_CUBIC = constant(0.044715f);
  private static final FloatVector MINUS_2_SQRT_2_OVER_PI = constant(-2 * 0.7978846f);
  private static final FloatVector SQRT_HALF = constant(0.70710677f);
  private static final FloatVector ERFC_SLOPE = constant(0.3f);
  private static final FloatVector ERFC_0 = constant(0.16917306f);
  private static final FloatVector ERFC_1 = constant(0.17094912f);
  private static final FloatVector ERFC_2 = constant(0.14679602f);
  private static final FloatVector ERFC_3 = constant(0.22053917f);
  private static final FloatVector ERFC_4 = constant(-0.10698336f);
  private static final FloatVector ERFC_5 = constant(0.5645142f);
  private static final FloatVector ERFC_6 = constant(-0.52615166f);
  private static final FloatVector ERFC_7 = constant(0.49193427f);
  private static final FloatVector ERFC_8 = constant(-0.13077088f);

  private VectorMath() {}

  /**
   * exp(x) within 2 units in the last place; 0 below -87.3365, where the result would be subnormal.
   * Cody-Waite reduction to |r| <= ln(2)/2 and the Taylor polynomial of degree 7, whose remainder
   * there is below 6e-9.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(LOG2_E, ROUNDER);
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector p = r.fma(EXP_7, EXP_6);
    p = p.fma(r, EXP_5);
    p = p.fma(r, EXP_4);
    p = p.fma(r, EXP_3);
    p = p.fma(r, HALF);
    p = p.fma(r, ONE);
    p = p.fma(r, ONE);
    IntVector exponent = shifted.reinterpretAsInts().lanewise(LSHL, 23);
    FloatVector scaled = p.reinterpretAsInts().add(exponent).reinterpretAsFloats();
    return scaled.blend(ZERO, x.compare(LT, UNDERFLOW)).blend(INFINITY, x.compare(GT, OVERFLOW));
  }

  /** x * sigmoid(x). */
  static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(ONE));
  }

  /** 0.5 x (1 + tanh(u)) = x * sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3). */
  static FloatVector geluTanh(FloatVector x) {
    FloatVector cubic = x.mul(x).fma(GELU_CUBIC, ONE).mul(x);
    return x.div(exp(cubic.mul(MINUS_2_SQRT_2_OVER_PI)).add(ONE));
  }

  /** x * Phi(x), Phi(x) = erfc(-x / sqrt 2) / 2. */
  static FloatVector gelu(FloatVector x) {
    FloatVector half = erfc(x.abs().mul(SQRT_HALF)).mul(HALF);
    return x.mul(half.blend(ONE.sub(half), x.compare(GT, ZERO)));
  }

  /**
   * erfc(z) for z >= 0 as exp(-z^2) t P(t), t = 1 / (1 + 0.3 z): P interpolates exp(z^2) erfc(z) /
   * t at the nine Chebyshev nodes of 0 <= z <= 10, relative error below 3e-8.
   */
  private static FloatVector erfc(FloatVector z) {
    FloatVector t = ONE.div(z.fma(ERFC_SLOPE, ONE));
    FloatVector p = t.fma(ERFC_8, ERFC_7);
    p = p.fma(t, ERFC_6);
    p = p.fma(t, ERFC_5);
    p = p.fma(t, ERFC_4);
    p = p.fma(t, ERFC_3);
    p = p.fma(t, ERFC_2);
    p = p.fma(t, ERFC_1);
    p = p.fma(t, ERFC_0);
    return p.mul(t).mul(exp(z.mul(z).neg()));
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(Lanes.FLOATS, value);
  }
}
