// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Lane32;
import io.lowbit.ptx.text.PtxType;

/** fp16 and bf16 arithmetic, single and in pairs. */
final class HalfFamily {
  private HalfFamily() {}

  static Op decode(Instruction in) {
    PtxType type = in.type();
    boolean pair = type.kind() == PtxType.Kind.PAIR;
    Halves format = type == PtxType.F16 || type == PtxType.F16X2 ? Halves.F16 : Halves.BF16;
    Lane32 one = one(in, format);
    int a = in.in32(1);
    int b = in.count() > 2 ? in.in32(2) : a;
    int c = in.count() > 3 ? in.in32(3) : a;
    Lane32 lane =
        pair
            ? (x, y, z) ->
                one.apply(x & 0xFFFF, y & 0xFFFF, z & 0xFFFF)
                    | one.apply(x >>> 16, y >>> 16, z >>> 16) << 16
            : (x, y, z) -> one.apply(x & 0xFFFF, y & 0xFFFF, z & 0xFFFF);
    Op op = LaneOps.op32(LaneLoops.each(lane), in.out32(0), a, b, c);
    op.category = InstructionClass.HALF;
    return op;
  }

  private static Lane32 one(Instruction in, Halves format) {
    boolean keepNaN = in.has("NaN");
    Lane32 exact =
        switch (in.root) {
          case "add" -> (a, b, c) -> format.add(a, b);
          case "sub" -> (a, b, c) -> format.sub(a, b);
          case "mul" -> (a, b, c) -> format.mul(a, b);
          case "fma" -> format::fma;
          case "min" -> (a, b, c) -> format.min(a, b, keepNaN);
          case "max" -> (a, b, c) -> format.max(a, b, keepNaN);
          case "neg" -> (a, b, c) -> a ^ 0x8000;
          case "abs" -> (a, b, c) -> a & 0x7FFF;
          case "ex2" -> (a, b, c) -> format.round(Math.pow(2, format.widen(a)));
          case "tanh" -> (a, b, c) -> format.round(Math.tanh(format.widen(a)));
          default -> throw in.unsupported("the opcode is not implemented for halves");
        };
    if (in.has("xorsign") || RoundingMode.of(in.suffixes) != RoundingMode.NEAREST_EVEN) {
      throw in.unsupported("this form for halves");
    }
    if (in.has("ftz")) {
      return finished(in, format, flushed(exact, format == Halves.F16 ? 0x7C00 : 0x7F80));
    }
    return finished(in, format, exact);
  }

  private static Lane32 finished(Instruction in, Halves format, Lane32 exact) {
    if (in.has("sat")) {
      return (a, b, c) -> format.saturate(exact.apply(a, b, c));
    }
    if (in.has("relu")) {
      return (a, b, c) -> format.relu(exact.apply(a, b, c));
    }
    return exact;
  }

  /** Subnormals become zero of the same sign, before and after. */
  private static Lane32 flushed(Lane32 exact, int exponent) {
    return (a, b, c) ->
        flush(exact.apply(flush(a, exponent), flush(b, exponent), flush(c, exponent)), exponent);
  }

  private static int flush(int code, int exponent) {
    return (code & exponent) == 0 ? code & 0x8000 : code;
  }
}
