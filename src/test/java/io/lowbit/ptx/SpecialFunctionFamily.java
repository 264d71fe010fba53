// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.PtxType;

/**
 * Roots, exponentials and the like. The approximations of a GPU are off by a few ulp in ways that
 * the manual only bounds (ex2 2 ulp, lg2, sin and cos in absolute terms, rsqrt 2^-22.4, tanh
 * 2^-11); here each gives the fp32 next to the true value, off by less than one ulp. Tests must not
 * expect equal bits from a GPU.
 */
final class SpecialFunctionFamily {
  private SpecialFunctionFamily() {}

  static Op decode(Instruction in) {
    if (in.root.equals("testp")) {
      return test(in);
    }
    return switch (in.type()) {
      case F64 -> DoubleFamily.decode(in);
      case F16, F16X2, BF16, BF16X2 -> HalfFamily.decode(in);
      default -> single(in);
    };
  }

  private static Op single(Instruction in) {
    if (in.type() != PtxType.F32) {
      throw in.unsupported("this type");
    }
    RoundingMode mode = RoundingMode.of(in.suffixes);
    FloatFamily.Lane lane =
        switch (in.root) {
          case "rcp" -> (a, b, c) -> FloatFamily.round(ExactSums.quotient(1, a), mode);
          case "sqrt" -> (a, b, c) -> FloatFamily.round(ExactSums.root(a), mode);
          case "rsqrt" -> (a, b, c) -> (float) (1 / Math.sqrt(a));
          case "ex2" -> (a, b, c) -> (float) Math.pow(2, a);
          case "lg2" -> (a, b, c) -> (float) (Math.log(a) / Math.log(2));
          case "sin" -> (a, b, c) -> (float) Math.sin(a);
          case "cos" -> (a, b, c) -> (float) Math.cos(a);
          case "tanh" -> (a, b, c) -> (float) Math.tanh(a);
          // The sign of the first operand with the magnitude of the second.
          case "copysign" -> (a, b, c) -> Math.copySign(b, a);
          default -> throw in.unsupported("the opcode is not implemented");
        };
    int a = in.in32(1);
    int b = in.count() > 2 ? in.in32(2) : a;
    Op op = LaneOps.op32(FloatFamily.lanes(in, lane), in.out32(0), a, b, a);
    op.category = InstructionClass.SPECIAL_FUNCTION;
    return op;
  }

  private static Op test(Instruction in) {
    boolean wide = in.type() == PtxType.F64;
    int d = in.outPredicate(0);
    int a = wide ? in.in64(1) : in.in32(1);
    String property = in.suffixes.getFirst();
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            int result = 0;
            for (int rest = mask; rest != 0; rest &= rest - 1) {
              int l = Integer.numberOfTrailingZeros(rest);
              double value =
                  wide
                      ? Double.longBitsToDouble(warp.r64[a][l])
                      : Float.intBitsToFloat(warp.r32[a][l]);
              result |= holds(property, value, wide) ? 1 << l : 0;
            }
            warp.setPredicate(d, mask, result);
          }
        };
    holds(property, 1, wide);
    op.category = InstructionClass.COMPARE;
    return op;
  }

  private static boolean holds(String property, double value, boolean wide) {
    double smallest = wide ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    return switch (property) {
      case "finite" -> Double.isFinite(value);
      case "infinite" -> Double.isInfinite(value);
      case "number" -> !Double.isNaN(value);
      case "notanumber" -> Double.isNaN(value);
      case "normal" -> Double.isFinite(value) && Math.abs(value) >= smallest;
      case "subnormal" -> value != 0 && Math.abs(value) < smallest;
      default -> throw new IllegalArgumentException("testp." + property);
    };
  }
}
