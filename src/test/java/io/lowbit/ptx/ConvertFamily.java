// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Lane32;
import io.lowbit.ptx.text.PtxType;

/**
 * cvt between all types. The common conversions have loops of their own; the others go lane by lane
 * through {@link Conversion}.
 */
final class ConvertFamily {
  private ConvertFamily() {}

  static Op decode(Instruction in) {
    if (in.has("pack")) {
      throw in.unsupported("cvt.pack");
    }
    PtxType to = in.types.getFirst();
    PtxType from = in.types.getLast();
    Op op;
    if (to.kind() == PtxType.Kind.PAIR || from.kind() == PtxType.Kind.PAIR) {
      op = pair(in, to, from);
    } else {
      Op quick = in.has("ftz") || in.has("sat") || in.has("relu") ? null : quick(in, to, from);
      op = quick != null ? quick : slow(in, to, from);
    }
    op.category = InstructionClass.CONVERT;
    return op;
  }

  private static Op one(Instruction in, Lane32 lane) {
    int a = in.in32(1);
    return LaneOps.op32(LaneLoops.each(lane), in.out32(0), a, a, a);
  }

  private static boolean plain(Instruction in) {
    return !in.wide(in.operand(0)) && !in.wide(in.operand(1));
  }

  /** The conversions that kernels do per element; null for others. */
  private static Op quick(Instruction in, PtxType to, PtxType from) {
    if (to.bits() == 64 && from.bits() == 32 && !to.floating() && !from.floating()) {
      int a = in.in32(1);
      int none = in.slots.sink(Slots.Kind.LONG);
      return LaneOps.widening(
          from.signed() ? ConvertFamily::extendSigned : ConvertFamily::extendUnsigned,
          in.out64(0),
          a,
          a,
          none);
    }
    boolean narrow = to.bits() == 32 && from.bits() == 64 && in.wide(in.operand(1));
    if (narrow && !to.floating() && !from.floating() && !in.wide(in.operand(0))) {
      int a = in.in64(1);
      return LaneOps.narrowing(ConvertFamily::cut, in.out32(0), a, a);
    }
    if (!plain(in)) {
      return null;
    }
    boolean nearest = RoundingMode.of(in.suffixes) == RoundingMode.NEAREST_EVEN;
    if (to == PtxType.F32 && from == PtxType.F16) {
      return one(in, (a, b, c) -> FloatFamily.bits(Float.float16ToFloat((short) a)));
    }
    if (to == PtxType.F32 && from == PtxType.BF16) {
      return one(in, (a, b, c) -> FloatFamily.bits(Float.intBitsToFloat(a << 16)));
    }
    if (from == PtxType.F32 && nearest && (to == PtxType.F16 || to == PtxType.BF16)) {
      Halves format = to == PtxType.F16 ? Halves.F16 : Halves.BF16;
      return one(in, (a, b, c) -> format.round(Float.intBitsToFloat(a)));
    }
    if (to == PtxType.F32 && from == PtxType.S32 && nearest) {
      return one(in, (a, b, c) -> Float.floatToRawIntBits((float) a));
    }
    if (to == PtxType.S32 && from == PtxType.F32 && nearest) {
      // Beyond int, rint is the identity and the cast saturates; NaN becomes 0.
      return one(in, (a, b, c) -> (int) Math.rint(Float.intBitsToFloat(a)));
    }
    return null;
  }

  private static void extendSigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l];
    }
  }

  private static void extendUnsigned(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] & 0xFFFF_FFFFL;
    }
  }

  private static void cut(int[] d, long[] a, long[] b) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (int) a[l];
    }
  }

  private static Op slow(Instruction in, PtxType to, PtxType from) {
    Conversion conversion = Conversion.of(in, to, from);
    boolean wideFrom = in.wide(in.operand(1)) || (from.bits() == 64);
    boolean wideTo = in.wide(in.operand(0));
    int a = wideFrom ? in.in64(1) : in.in32(1);
    int d = wideTo ? in.out64(0) : in.out32(0);
    // A result narrower than its register is extended as its type says.
    int registerBits = in.registerBits(in.operand(0));
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          long source = wideFrom ? warp.r64[a][l] : warp.r32[a][l];
          long result = conversion.apply(source);
          if (wideTo) {
            warp.r64[d][l] = result;
          } else {
            warp.r32[d][l] = (int) (registerBits == 16 ? result & 0xFFFF : result);
          }
        }
      }
    };
  }

  /** Conversions of two values at once; the first source becomes the upper half. */
  private static Op pair(Instruction in, PtxType to, PtxType from) {
    RoundingMode mode = RoundingMode.of(in.suffixes);
    boolean relu = in.has("relu");
    boolean saturate = in.has("satfinite");
    FloatFormat target = FloatFormat.of(to);
    FloatFormat source = FloatFormat.of(from);
    int bits = to.bits() / 2;
    if (from == PtxType.F32) {
      boolean quick = mode == RoundingMode.NEAREST_EVEN && !relu && !saturate && bits == 16;
      Halves format = target == FloatFormat.F16 ? Halves.F16 : Halves.BF16;
      Lane32 lane =
          quick
              ? (a, b, c) ->
                  format.round(Float.intBitsToFloat(a)) << 16
                      | format.round(Float.intBitsToFloat(b))
              : (a, b, c) ->
                  code(target, Float.intBitsToFloat(a), mode, relu, saturate) << bits
                      | code(target, Float.intBitsToFloat(b), mode, relu, saturate);
      int a = in.in32(1);
      int b = in.in32(2);
      return LaneOps.op32(LaneLoops.each(lane), in.out32(0), a, b, a);
    }
    int fromBits = from.bits() / 2;
    int keep = (1 << fromBits) - 1;
    return one(
        in,
        (a, b, c) ->
            code(target, source.decode(a >>> fromBits & keep), mode, relu, saturate) << bits
                | code(target, source.decode(a & keep), mode, relu, saturate));
  }

  private static int code(
      FloatFormat target, double value, RoundingMode mode, boolean relu, boolean saturate) {
    double rectified = relu && value <= 0 ? 0 : value;
    return (int) target.encode(rectified, mode, saturate);
  }
}
