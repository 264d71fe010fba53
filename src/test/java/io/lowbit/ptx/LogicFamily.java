// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Lane32;
import io.lowbit.ptx.LaneLoops.Loop32;
import io.lowbit.ptx.LaneLoops.Loop64;
import io.lowbit.ptx.LaneLoops.Shifting;
import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;

/** Logic, shifts, bit fields and byte permutation. */
final class LogicFamily {
  private LogicFamily() {}

  static Op decode(Instruction in) {
    Op op =
        switch (in.root) {
          case "and", "or", "xor" -> binary(in);
          case "not", "cnot" -> not(in);
          case "lop3" -> lop3(in);
          case "shl", "shr" -> shift(in);
          case "shf" -> funnel(in);
          case "bfe", "bfi" -> field(in);
          case "popc", "clz", "brev", "bfind" -> count(in);
          case "prmt" -> permute(in);
          default -> throw in.unsupported("the opcode is not implemented");
        };
    op.category = InstructionClass.LOGIC;
    return op;
  }

  private static Op binary(Instruction in) {
    return switch (in.type().bits()) {
      case 1 -> predicates(in);
      case 64 -> {
        Loop64 loop =
            switch (in.root) {
              case "and" -> WideLoops::and;
              case "or" -> WideLoops::or;
              default -> WideLoops::xor;
            };
        int a = in.in64(1);
        yield LaneOps.op64(loop, in.out64(0), a, in.in64(2), a);
      }
      default -> {
        Loop32 loop =
            switch (in.root) {
              case "and" -> IntLoops::and;
              case "or" -> IntLoops::or;
              default -> IntLoops::xor;
            };
        int a = in.in32(1);
        yield LaneOps.op32(halved(in, loop), in.out32(0), a, in.in32(2), a);
      }
    };
  }

  /** Keeps the upper half of a 16-bit register zero. */
  private static Loop32 halved(Instruction in, Loop32 loop) {
    if (in.type().bits() != 16) {
      return loop;
    }
    return (d, a, b, c) -> {
      loop.run(d, a, b, c);
      for (int l = 0; l < LaneLoops.LANES; l++) {
        d[l] &= 0xFFFF;
      }
    };
  }

  private static Op predicates(Instruction in) {
    int d = in.outPredicate(0);
    int a = in.inPredicate(1);
    int b = in.inPredicate(2);
    int invertA = Instruction.inversion(in.operand(1));
    int invertB = Instruction.inversion(in.operand(2));
    String root = in.root;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int[] p = warp.predicates;
        int x = p[a] ^ invertA;
        int y = p[b] ^ invertB;
        int result =
            switch (root) {
              case "and" -> x & y;
              case "or" -> x | y;
              default -> x ^ y;
            };
        warp.setPredicate(d, mask, result);
      }
    };
  }

  private static Op not(Instruction in) {
    boolean numeric = in.root.equals("cnot");
    return switch (in.type().bits()) {
      case 1 -> {
        int d = in.outPredicate(0);
        int a = in.inPredicate(1);
        int invert = ~Instruction.inversion(in.operand(1));
        yield new Op() {
          @Override
          void execute(Warp warp, int mask) {
            warp.setPredicate(d, mask, warp.predicates[a] ^ invert);
          }
        };
      }
      case 64 -> {
        int a = in.in64(1);
        yield LaneOps.op64(
            LaneLoops.each64((x, y, z) -> numeric ? (x == 0 ? 1 : 0) : ~x), in.out64(0), a, a, a);
      }
      default -> {
        int a = in.in32(1);
        Lane32 lane = (x, y, z) -> numeric ? (x == 0 ? 1 : 0) : ~x;
        yield LaneOps.op32(halved(in, LaneLoops.each(lane)), in.out32(0), a, a, a);
      }
    };
  }

  /** Any function of three bits; the table's index is a * 4 + b * 2 + c. */
  private static Op lop3(Instruction in) {
    if (!(in.operand(4) instanceof Operand.Immediate table) || in.has("BoolOp")) {
      throw in.unsupported("a table that is no constant");
    }
    int t = (int) table.bits();
    Loop32 loop =
        (d, a, b, c) -> {
          for (int l = 0; l < LaneLoops.LANES; l++) {
            d[l] = lop3(t, a[l], b[l], c[l]);
          }
        };
    return LaneOps.op32(loop, in.out32(0), in.in32(1), in.in32(2), in.in32(3));
  }

  static int lop3(int table, int a, int b, int c) {
    int result = -(table & 1) & ~a & ~b & ~c;
    result |= -(table >> 1 & 1) & ~a & ~b & c;
    result |= -(table >> 2 & 1) & ~a & b & ~c;
    result |= -(table >> 3 & 1) & ~a & b & c;
    result |= -(table >> 4 & 1) & a & ~b & ~c;
    result |= -(table >> 5 & 1) & a & ~b & c;
    result |= -(table >> 6 & 1) & a & b & ~c;
    return result | (-(table >> 7 & 1) & a & b & c);
  }

  private static Op shift(Instruction in) {
    boolean left = in.root.equals("shl");
    boolean signed = in.type().signed();
    return switch (in.type().bits()) {
      case 64 -> {
        Shifting loop =
            left
                ? WideLoops::shiftLeft
                : signed ? WideLoops::shiftRightSigned : WideLoops::shiftRightUnsigned;
        yield LaneOps.shifting(loop, in.out64(0), in.in64(1), in.in32(2));
      }
      case 32 -> {
        Loop32 loop =
            left
                ? IntLoops::shiftLeft
                : signed ? IntLoops::shiftRightSigned : IntLoops::shiftRightUnsigned;
        int a = in.in32(1);
        yield LaneOps.op32(loop, in.out32(0), a, in.in32(2), a);
      }
      default -> {
        int a = in.in32(1);
        Lane32 lane =
            (x, n, z) -> {
              int count = Integer.compareUnsigned(n, 16) >= 0 ? 16 : n;
              int value = signed ? (short) x : x & 0xFFFF;
              return (left ? value << count : value >> count) & 0xFFFF;
            };
        yield LaneOps.op32(LaneLoops.each(lane), in.out32(0), a, in.in32(2), a);
      }
    };
  }

  /** shf: the upper word of b:a shifted left, or the lower word shifted right. */
  private static Op funnel(Instruction in) {
    boolean left = in.has("l");
    boolean wrap = in.has("wrap");
    Lane32 lane =
        (a, b, n) -> {
          int count = wrap ? n & 31 : Integer.compareUnsigned(n, 32) > 0 ? 32 : n;
          long both = (long) b << 32 | (a & 0xFFFF_FFFFL);
          return (int) (left ? both << count >>> 32 : both >>> count);
        };
    return LaneOps.op32(LaneLoops.each(lane), in.out32(0), in.in32(1), in.in32(2), in.in32(3));
  }

  private static Op field(Instruction in) {
    boolean insert = in.root.equals("bfi");
    boolean signed = in.type().signed();
    if (in.type().bits() == 64) {
      return field64(in, insert, signed);
    }
    if (insert) {
      int position = in.in32(3);
      int length = in.in32(4);
      return insert32(in.out32(0), in.in32(1), in.in32(2), position, length);
    }
    Lane32 lane = (a, position, length) -> extract(a, position & 0xFF, length & 0xFF, signed);
    return LaneOps.op32(LaneLoops.each(lane), in.out32(0), in.in32(1), in.in32(2), in.in32(3));
  }

  /** bfe as the manual defines it: bits beyond the top repeat the sign bit, or are zero. */
  static int extract(int a, int position, int length, boolean signed) {
    int sign = !signed || length == 0 ? 0 : a >>> Math.min(position + length - 1, 31) & 1;
    int result = 0;
    for (int i = 0; i < 32; i++) {
      int bit = i < length && position + i < 32 ? a >>> (position + i) & 1 : sign;
      result |= bit << i;
    }
    return result;
  }

  private static Op insert32(int d, int a, int b, int position, int length) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          int from = warp.r32[position][l] & 0xFF;
          int bits = Math.min(warp.r32[length][l] & 0xFF, Math.max(0, 32 - from));
          int keep = bits == 0 ? 0 : (int) (0xFFFF_FFFFL >>> (32 - bits)) << from;
          int shifted = from > 31 ? 0 : warp.r32[a][l] << from;
          warp.r32[d][l] = (warp.r32[b][l] & ~keep) | (shifted & keep);
        }
      }
    };
  }

  private static Op field64(Instruction in, boolean insert, boolean signed) {
    int d = in.out64(0);
    int a = in.in64(1);
    int b = insert ? in.in64(2) : a;
    int position = in.in32(insert ? 3 : 2);
    int length = in.in32(insert ? 4 : 3);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          int from = warp.r32[position][l] & 0xFF;
          int bits = warp.r32[length][l] & 0xFF;
          long value = warp.r64[a][l];
          warp.r64[d][l] =
              insert
                  ? insert(value, warp.r64[b][l], from, bits)
                  : extract(value, from, bits, signed);
        }
      }
    };
  }

  private static long insert(long value, long into, int from, int length) {
    int bits = Math.min(length, Math.max(0, 64 - from));
    long keep = bits == 0 ? 0 : -1L >>> (64 - bits) << from;
    return (into & ~keep) | ((from > 63 ? 0 : value << from) & keep);
  }

  private static long extract(long a, int from, int length, boolean signed) {
    long sign = !signed || length == 0 ? 0 : a >>> Math.min(from + length - 1, 63) & 1;
    long result = 0;
    for (int i = 0; i < 64; i++) {
      long bit = i < length && from + i < 64 ? a >>> (from + i) & 1 : sign;
      result |= bit << i;
    }
    return result;
  }

  private static Op count(Instruction in) {
    String root = in.root;
    if (in.type().bits() == 64) {
      if (root.equals("brev")) {
        int a = in.in64(1);
        return LaneOps.op64(LaneLoops.each64((x, y, z) -> Long.reverse(x)), in.out64(0), a, a, a);
      }
      boolean signed = in.type().signed();
      boolean amount = in.has("shiftamt");
      int a = in.in64(1);
      return LaneOps.narrowing(
          (d, x, y) -> {
            for (int l = 0; l < LaneLoops.LANES; l++) {
              d[l] =
                  switch (root) {
                    case "popc" -> Long.bitCount(x[l]);
                    case "clz" -> Long.numberOfLeadingZeros(x[l]);
                    default -> find(signed && x[l] < 0 ? ~x[l] : x[l], 63, amount);
                  };
            }
          },
          in.out32(0),
          a,
          a);
    }
    boolean signed = in.type() == PtxType.S32;
    boolean amount = in.has("shiftamt");
    int a = in.in32(1);
    Lane32 lane =
        switch (root) {
          case "popc" -> (x, y, z) -> Integer.bitCount(x);
          case "clz" -> (x, y, z) -> Integer.numberOfLeadingZeros(x);
          case "brev" -> (x, y, z) -> Integer.reverse(x);
          default -> (x, y, z) -> find((signed && x < 0 ? ~x : x) & 0xFFFF_FFFFL, 31, amount);
        };
    return LaneOps.op32(LaneLoops.each(lane), in.out32(0), a, a, a);
  }

  private static int find(long value, int top, boolean amount) {
    int place = 63 - Long.numberOfLeadingZeros(value);
    return place < 0 || !amount ? place : top - place;
  }

  private static Op permute(Instruction in) {
    for (String mode : new String[] {"f4e", "b4e", "rc8", "ecl", "ecr", "rc16"}) {
      if (in.has(mode)) {
        throw in.unsupported("this mode of prmt");
      }
    }
    Loop32 loop =
        (d, a, b, c) -> {
          for (int l = 0; l < LaneLoops.LANES; l++) {
            d[l] = permute(a[l], b[l], c[l]);
          }
        };
    return LaneOps.op32(loop, in.out32(0), in.in32(1), in.in32(2), in.in32(3));
  }

  /** Each nibble of the selector picks a byte of b:a; its top bit repeats that byte's sign. */
  static int permute(int a, int b, int selector) {
    long both = (long) b << 32 | (a & 0xFFFF_FFFFL);
    int result = 0;
    for (int i = 0; i < 4; i++) {
      int pick = selector >>> (4 * i);
      int value = (int) (both >>> (8 * (pick & 7))) & 0xFF;
      if ((pick & 8) != 0) {
        value = value >= 128 ? 0xFF : 0;
      }
      result |= value << (8 * i);
    }
    return result;
  }
}
