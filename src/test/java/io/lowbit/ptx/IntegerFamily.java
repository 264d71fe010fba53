// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Lane32;
import io.lowbit.ptx.LaneLoops.Loop32;
import io.lowbit.ptx.LaneLoops.Loop64;
import io.lowbit.ptx.text.PtxType;

/** Integer arithmetic of 16, 32 and 64 bits. */
final class IntegerFamily {
  private IntegerFamily() {}

  static Op decode(Instruction in) {
    Op op;
    if (in.has("cc") || in.root.endsWith("c")) {
      op = CarryOps.decode(in);
    } else if (in.root.startsWith("dp")) {
      op = dot(in);
    } else if (in.has("wide")) {
      op = wide(in);
    } else {
      op =
          switch (in.type().bits()) {
            case 16 -> sixteen(in);
            case 32 -> thirtyTwo(in);
            case 64 -> sixtyFour(in);
            default -> throw in.unsupported("integers of this size");
          };
    }
    op.category = InstructionClass.INTEGER;
    return op;
  }

  private static Op apply(Instruction in, Loop32 loop) {
    int a = in.in32(1);
    int b = in.count() > 2 ? in.in32(2) : a;
    int c = in.count() > 3 ? in.in32(3) : a;
    return LaneOps.op32(loop, in.out32(0), a, b, c);
  }

  private static Op thirtyTwo(Instruction in) {
    boolean signed = in.type().signed();
    if (in.has("sat")) {
      return apply(in, LaneLoops.each(saturating(in)));
    }
    boolean high = in.has("hi");
    Loop32 loop =
        switch (in.root) {
          case "add" -> IntLoops::add;
          case "sub" -> IntLoops::sub;
          case "mul" -> high ? LaneLoops.each(IntLoops.mulHigh(signed)) : IntLoops::mul;
          case "mad" -> high ? LaneLoops.each(IntLoops.madHigh(signed)) : IntLoops::mad;
          case "min" -> signed ? IntLoops::minSigned : LaneLoops.each(IntLoops.min(false));
          case "max" -> signed ? IntLoops::maxSigned : LaneLoops.each(IntLoops.max(false));
          default -> LaneLoops.each(other(in, signed));
        };
    return apply(in, loop);
  }

  private static Lane32 saturating(Instruction in) {
    if (in.type() != PtxType.S32) {
      throw in.unsupported("saturation of this type");
    }
    return switch (in.root) {
      case "add" -> (a, b, c) -> IntLoops.clamp((long) a + b, true);
      case "sub" -> (a, b, c) -> IntLoops.clamp((long) a - b, true);
      default -> throw in.unsupported("saturation of this opcode");
    };
  }

  private static Lane32 other(Instruction in, boolean signed) {
    return switch (in.root) {
      case "div" -> IntLoops.div(signed);
      case "rem" -> IntLoops.rem(signed);
      case "abs" -> (a, b, c) -> Math.abs(a);
      case "neg" -> (a, b, c) -> -a;
      case "sad" ->
          (a, b, c) -> {
            boolean less = signed ? a < b : Integer.compareUnsigned(a, b) < 0;
            return c + (less ? b - a : a - b);
          };
      case "mul24" -> (a, b, c) -> low24(a, signed) * low24(b, signed);
      case "mad24" -> (a, b, c) -> low24(a, signed) * low24(b, signed) + c;
      default -> throw in.unsupported("the opcode is not implemented");
    };
  }

  private static int low24(int value, boolean signed) {
    return signed ? value << 8 >> 8 : value & 0xFF_FFFF;
  }

  /** 16-bit sources are extended, and the result is cut. */
  private static Op sixteen(Instruction in) {
    boolean signed = in.type().signed();
    boolean high = in.has("hi");
    Lane32 lane =
        switch (in.root) {
          case "add" -> (a, b, c) -> a + b;
          case "sub" -> (a, b, c) -> a - b;
          case "mul" -> high ? (a, b, c) -> (a * b) >> 16 : (a, b, c) -> a * b;
          case "mad" -> high ? (a, b, c) -> ((a * b) >> 16) + c : (a, b, c) -> a * b + c;
          case "min" -> (a, b, c) -> Math.min(a, b);
          case "max" -> (a, b, c) -> Math.max(a, b);
          default -> other(in, signed);
        };
    return apply(
        in,
        (d, a, b, c) -> {
          for (int l = 0; l < LaneLoops.LANES; l++) {
            int result =
                lane.apply(extend(a[l], signed), extend(b[l], signed), extend(c[l], signed));
            d[l] = result & 0xFFFF;
          }
        });
  }

  private static int extend(int value, boolean signed) {
    return signed ? (short) value : value & 0xFFFF;
  }

  private static Op sixtyFour(Instruction in) {
    boolean signed = in.type().signed();
    boolean high = in.has("hi");
    Loop64 loop =
        switch (in.root) {
          case "add" -> WideLoops::add;
          case "sub" -> WideLoops::sub;
          case "mul" -> high ? WideLoops.mulHigh(signed) : WideLoops::mul;
          case "mad" -> {
            if (high) {
              Loop64 product = WideLoops.mulHigh(signed);
              yield (d, a, b, c) -> {
                long[] addend = c.clone();
                product.run(d, a, b, c);
                WideLoops.add(d, d, addend, addend);
              };
            }
            yield WideLoops::mad;
          }
          case "div" -> WideLoops.div(signed);
          case "rem" -> WideLoops.rem(signed);
          case "min" -> WideLoops.min(signed);
          case "max" -> WideLoops.max(signed);
          case "abs" -> LaneLoops.each64((a, b, c) -> Math.abs(a));
          case "neg" -> LaneLoops.each64((a, b, c) -> -a);
          default -> throw in.unsupported("the opcode is not implemented for 64 bits");
        };
    int a = in.in64(1);
    int b = in.count() > 2 ? in.in64(2) : a;
    int c = in.count() > 3 ? in.in64(3) : a;
    return LaneOps.op64(loop, in.out64(0), a, b, c);
  }

  /** Products twice as wide as their factors. */
  private static Op wide(Instruction in) {
    boolean signed = in.type().signed();
    boolean mad = in.root.equals("mad");
    if (in.type().bits() == 16) {
      return apply(
          in, LaneLoops.each((a, b, c) -> extend(a, signed) * extend(b, signed) + (mad ? c : 0)));
    }
    if (in.type().bits() != 32) {
      throw in.unsupported("wide products of this type");
    }
    int d = in.out64(0);
    int a = in.in32(1);
    int b = in.in32(2);
    if (mad) {
      return LaneOps.widening(
          signed ? WideLoops::madWideSigned : WideLoops::madWideUnsigned, d, a, b, in.in64(3));
    }
    int none = in.slots.sink(Slots.Kind.LONG);
    return LaneOps.widening(
        signed ? WideLoops::mulWideSigned : WideLoops::mulWideUnsigned, d, a, b, none);
  }

  /** dp4a and dp2a: products of the bytes of b with the bytes or halves of a, added to c. */
  private static Op dot(Instruction in) {
    boolean signedA = in.types.getFirst().signed();
    boolean signedB = in.types.getLast().signed();
    if (in.root.equals("dp4a")) {
      return apply(
          in,
          LaneLoops.each((a, b, c) -> {
            int sum = c;
            for (int i = 0; i < 32; i += 8) {
              sum += part(a, i, 8, signedA) * part(b, i, 8, signedB);
            }
            return sum;
          }));
    }
    int from = in.has("hi") ? 16 : 0;
    return apply(
        in,
        LaneLoops.each((a, b, c) ->
            c
                + part(a, 0, 16, signedA) * part(b, from, 8, signedB)
                + part(a, 16, 16, signedA) * part(b, from + 8, 8, signedB)));
  }

  private static int part(int value, int from, int bits, boolean signed) {
    int top = value << (32 - bits - from);
    return signed ? top >> (32 - bits) : top >>> (32 - bits);
  }
}
