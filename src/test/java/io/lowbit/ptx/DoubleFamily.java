// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Loop64;

/** fp64 arithmetic, rounded to nearest even; other modes are refused. */
final class DoubleFamily {
  private DoubleFamily() {}

  /** One lane on values. */
  private interface Lane {
    double apply(double a, double b, double c);
  }

  static Op decode(Instruction in) {
    Lane lane =
        switch (in.root) {
          case "add" -> (a, b, c) -> a + b;
          case "sub" -> (a, b, c) -> a - b;
          case "mul" -> (a, b, c) -> a * b;
          case "fma", "mad" -> Math::fma;
          case "div" -> (a, b, c) -> a / b;
          case "min" -> (a, b, c) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);
          case "max" -> (a, b, c) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
          case "neg" -> (a, b, c) -> -a;
          case "abs" -> (a, b, c) -> Math.abs(a);
          case "rcp" -> (a, b, c) -> 1 / a;
          case "sqrt" -> (a, b, c) -> Math.sqrt(a);
          case "rsqrt" -> (a, b, c) -> 1 / Math.sqrt(a);
          case "copysign" -> (a, b, c) -> Math.copySign(b, a);
          default -> throw in.unsupported("the opcode is not implemented for fp64");
        };
    if (RoundingMode.of(in.suffixes) != RoundingMode.NEAREST_EVEN) {
      throw in.unsupported("directed rounding of fp64");
    }
    Loop64 loop =
        LaneLoops.each64((a, b, c) ->
            Double.doubleToRawLongBits(
                lane.apply(
                    Double.longBitsToDouble(a),
                    Double.longBitsToDouble(b),
                    Double.longBitsToDouble(c))));
    int a = in.in64(1);
    int b = in.count() > 2 ? in.in64(2) : a;
    int c = in.count() > 3 ? in.in64(3) : a;
    Op op = LaneOps.op64(loop, in.out64(0), a, b, c);
    op.category = InstructionClass.FLOAT64;
    return op;
  }
}
