// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Loop32;

/**
 * fp32 arithmetic: exactly rounded but for div.approx and div.full, which are within 1 ulp here.
 */
final class FloatFamily {
  /** What arithmetic gives for NaN. */
  static final int NAN = 0x7FFF_FFFF;

  private FloatFamily() {}

  /** One lane on values. */
  interface Lane {
    float apply(float a, float b, float c);
  }

  static Op decode(Instruction in) {
    Op op = bitwise(in) ? signs(in) : arithmetic(in);
    op.category =
        in.root.equals("div") ? InstructionClass.SPECIAL_FUNCTION : InstructionClass.FLOAT32;
    return op;
  }

  private static boolean bitwise(Instruction in) {
    return (in.root.equals("neg") || in.root.equals("abs")) && !in.has("ftz");
  }

  private static Op signs(Instruction in) {
    int a = in.in32(1);
    boolean negate = in.root.equals("neg");
    return LaneOps.op32(
        LaneLoops.each((x, y, z) -> negate ? x ^ 0x8000_0000 : x & 0x7FFF_FFFF),
        in.out32(0),
        a,
        a,
        a);
  }

  private static Op arithmetic(Instruction in) {
    int a = in.in32(1);
    int b = in.count() > 2 ? in.in32(2) : a;
    int c = in.count() > 3 ? in.in32(3) : a;
    boolean plain =
        !in.has("ftz")
            && !in.has("sat")
            && RoundingMode.of(in.suffixes) == RoundingMode.NEAREST_EVEN;
    Loop32 loop =
        switch (in.root) {
          case "add" -> plain ? FloatFamily::add : lanes(in, rounded(in));
          case "sub" -> plain ? FloatFamily::sub : lanes(in, rounded(in));
          case "mul" -> plain ? FloatFamily::mul : lanes(in, rounded(in));
          case "fma", "mad" -> plain ? FloatFamily::fma : lanes(in, rounded(in));
          case "min", "max" -> lanes(in, extreme(in));
          case "neg" -> lanes(in, (x, y, z) -> -x);
          case "abs" -> lanes(in, (x, y, z) -> Math.abs(x));
          default -> lanes(in, rounded(in));
        };
    return LaneOps.op32(loop, in.out32(0), a, b, c);
  }

  static void add(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = bits(Float.intBitsToFloat(a[l]) + Float.intBitsToFloat(b[l]));
    }
  }

  static void sub(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = bits(Float.intBitsToFloat(a[l]) - Float.intBitsToFloat(b[l]));
    }
  }

  static void mul(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = bits(Float.intBitsToFloat(a[l]) * Float.intBitsToFloat(b[l]));
    }
  }

  static void fma(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      float x = Float.intBitsToFloat(a[l]);
      d[l] = bits(Math.fma(x, Float.intBitsToFloat(b[l]), Float.intBitsToFloat(c[l])));
    }
  }

  /** The bits of a result, NaN made canonical. */
  static int bits(float value) {
    return Float.isNaN(value) ? NAN : Float.floatToRawIntBits(value);
  }

  /** Lanes with flushing of subnormals and saturation as the suffixes say. */
  static Loop32 lanes(Instruction in, Lane lane) {
    boolean flush = in.has("ftz");
    boolean saturate = in.has("sat");
    return (d, a, b, c) -> {
      for (int l = 0; l < LaneLoops.LANES; l++) {
        float result = lane.apply(value(a[l], flush), value(b[l], flush), value(c[l], flush));
        if (saturate) {
          result = result > 0 ? Math.min(result, 1f) : 0f;
        }
        d[l] = bits(flush ? flush(result) : result);
      }
    };
  }

  private static float value(int bits, boolean flush) {
    float value = Float.intBitsToFloat(bits);
    return flush ? flush(value) : value;
  }

  /** Subnormals become zero of the same sign. */
  static float flush(float value) {
    return Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value;
  }

  /** Exact in double up to one rounding to odd, then rounded by the instruction's mode. */
  private static Lane rounded(Instruction in) {
    RoundingMode mode = RoundingMode.of(in.suffixes);
    if (mode == RoundingMode.NEAREST_EVEN) {
      return switch (in.root) {
        case "add" -> (a, b, c) -> a + b;
        case "sub" -> (a, b, c) -> a - b;
        case "mul" -> (a, b, c) -> a * b;
        case "fma", "mad" -> (a, b, c) -> Math.fma(a, b, c);
        case "div" -> (a, b, c) -> a / b;
        default -> throw in.unsupported("the opcode is not implemented");
      };
    }
    return switch (in.root) {
      case "add" -> (a, b, c) -> round(signedZero(ExactSums.sum(a, b), a, b, mode), mode);
      case "sub" -> (a, b, c) -> round(signedZero(ExactSums.sum(a, -b), a, -b, mode), mode);
      case "mul" -> (a, b, c) -> round((double) a * b, mode);
      case "fma", "mad" ->
          (a, b, c) -> {
            double product = (double) a * b;
            return round(signedZero(ExactSums.sum(product, c), product, c, mode), mode);
          };
      case "div" -> (a, b, c) -> round(ExactSums.quotient(a, b), mode);
      default -> throw in.unsupported("the opcode is not implemented");
    };
  }

  /** x + (-x) is -0 when rounding down. */
  private static double signedZero(double sum, double a, double b, RoundingMode mode) {
    return sum == 0 && mode == RoundingMode.DOWN && (a != 0 || 1 / a != 1 / b) ? -0.0 : sum;
  }

  static float round(double value, RoundingMode mode) {
    return Float.intBitsToFloat((int) FloatFormat.F32.encode(value, mode, false));
  }

  private static Lane extreme(Instruction in) {
    boolean keepNaN = in.has("NaN");
    boolean max = in.root.equals("max");
    if (in.has("xorsign") || in.count() > 3) {
      throw in.unsupported("this form of min and max");
    }
    return (a, b, c) -> {
      if (!keepNaN && Float.isNaN(a)) {
        return b;
      }
      if (!keepNaN && Float.isNaN(b)) {
        return a;
      }
      return max ? Math.max(a, b) : Math.min(a, b);
    };
  }
}
