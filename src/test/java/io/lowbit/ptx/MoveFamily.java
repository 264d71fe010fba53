// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;
import io.lowbit.ptx.text.Space;
import java.util.List;

/** mov (also packing and unpacking), cvta, isspacep, selp, slct. */
final class MoveFamily {
  private MoveFamily() {}

  static Op decode(Instruction in) {
    return switch (in.root) {
      case "mov" -> move(in);
      case "cvta" -> convertAddress(in);
      case "isspacep" -> isSpace(in);
      case "selp" -> select(in);
      default -> selectBySign(in);
    };
  }

  private static Op move(Instruction in) {
    if (in.operand(0) instanceof Operand.Vector(List<Operand> parts)) {
      return unpack(in, parts);
    }
    if (in.operand(1) instanceof Operand.Vector(List<Operand> parts)) {
      return pack(in, parts);
    }
    if (in.operand(1) instanceof Operand.Symbol(String name) && isClock(name)) {
      return clock(in, name);
    }
    return switch (in.type().bits()) {
      case 1 -> {
        int invert = Instruction.inversion(in.operand(1));
        yield predicate(in.outPredicate(0), in.inPredicate(1), invert);
      }
      case 16 -> {
        int a = in.in32(1);
        yield LaneOps.op32(MoveFamily::copy16, in.out32(0), a, a, a);
      }
      case 32 -> {
        int a = in.in32(1);
        yield LaneOps.op32(MoveFamily::copy, in.out32(0), a, a, a);
      }
      case 64 -> {
        int a = in.in64(1);
        yield LaneOps.op64(MoveFamily::copy64, in.out64(0), a, a, a);
      }
      default -> throw in.unsupported("a move of this size");
    };
  }

  private static void copy(int[] d, int[] a, int[] b, int[] c) {
    System.arraycopy(a, 0, d, 0, LaneLoops.LANES);
  }

  private static void copy16(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = a[l] & 0xFFFF;
    }
  }

  private static void copy64(long[] d, long[] a, long[] b, long[] c) {
    System.arraycopy(a, 0, d, 0, LaneLoops.LANES);
  }

  private static Op predicate(int d, int a, int invert) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        warp.setPredicate(d, mask, warp.predicates[a] ^ invert);
      }
    };
  }

  private static boolean isClock(String name) {
    return name.equals("%clock")
        || name.equals("%clock64")
        || name.equals("%clock_hi")
        || name.startsWith("%globaltimer");
  }

  /** Clocks show the time of the host. */
  private static Op clock(Instruction in, String name) {
    boolean high = name.endsWith("_hi");
    boolean wide = in.type().bits() == 64;
    int d = wide ? in.out64(0) : in.out32(0);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        long now = System.nanoTime();
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          if (wide) {
            warp.r64[d][l] = now;
          } else {
            warp.r32[d][l] = (int) (high ? now >>> 32 : now);
          }
        }
      }
    };
  }

  private static Op pack(Instruction in, List<Operand> parts) {
    int bits = in.type().bits() / parts.size();
    boolean wide = in.type().bits() == 64;
    int[] from = parts.stream().mapToInt(in::in32).toArray();
    if (wide && bits == 32) {
      int c = in.slots.sink(Slots.Kind.LONG);
      return LaneOps.widening(MoveFamily::pack64, in.out64(0), from[0], from[1], c);
    }
    if (!wide && bits == 16) {
      return LaneOps.op32(MoveFamily::pack32, in.out32(0), from[0], from[1], from[0]);
    }
    int d = wide ? in.out64(0) : in.out32(0);
    long keep = (1L << bits) - 1;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          long value = 0;
          for (int i = 0; i < from.length; i++) {
            value |= (warp.r32[from[i]][l] & keep) << (bits * i);
          }
          if (wide) {
            warp.r64[d][l] = value;
          } else {
            warp.r32[d][l] = (int) value;
          }
        }
      }
    };
  }

  private static void pack64(long[] d, int[] a, int[] b, long[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (a[l] & 0xFFFF_FFFFL) | (long) b[l] << 32;
    }
  }

  private static void pack32(int[] d, int[] a, int[] b, int[] c) {
    for (int l = 0; l < LaneLoops.LANES; l++) {
      d[l] = (a[l] & 0xFFFF) | b[l] << 16;
    }
  }

  private static Op unpack(Instruction in, List<Operand> parts) {
    int bits = in.type().bits() / parts.size();
    boolean wide = in.type().bits() == 64;
    int a = wide ? in.in64(1) : in.in32(1);
    int[] to = parts.stream().mapToInt(in::out32).toArray();
    long keep = (1L << bits) - 1;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          long value = wide ? warp.r64[a][l] : warp.r32[a][l];
          for (int i = 0; i < to.length; i++) {
            warp.r32[to[i]][l] = (int) (value >>> (bits * i) & keep);
          }
        }
      }
    };
  }

  private static Op convertAddress(Instruction in) {
    long distance =
        switch (in.space().orElseThrow(() -> in.unsupported("no state space"))) {
          case SHARED -> Access.SHARED_WINDOW;
          case LOCAL -> Access.LOCAL_WINDOW;
          case GLOBAL, CONST -> 0;
          case PARAM -> Access.PARAMETER_WINDOW;
          case GENERIC -> throw in.unsupported("no state space");
        };
    int a = in.in64(1);
    int b = in.slots.constant64(in.has("to") ? -distance : distance);
    return LaneOps.op64(WideLoops::add, in.out64(0), a, b, b);
  }

  private static Op isSpace(Instruction in) {
    Space space = in.space().orElseThrow(() -> in.unsupported("no state space"));
    int d = in.outPredicate(0);
    int a = in.in64(1);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int result = 0;
        for (int l = 0; l < LaneLoops.LANES; l++) {
          long window = warp.r64[a][l] & 0xFFFF_0000_0000_0000L;
          boolean inside =
              switch (space) {
                case SHARED -> window == Access.SHARED_WINDOW;
                case LOCAL -> window == Access.LOCAL_WINDOW;
                default -> window != Access.SHARED_WINDOW && window != Access.LOCAL_WINDOW;
              };
          result |= inside ? 1 << l : 0;
        }
        warp.setPredicate(d, mask, result);
      }
    };
  }

  private static Op select(Instruction in) {
    int p = in.inPredicate(3);
    int invert = Instruction.inversion(in.operand(3));
    if (in.type().bits() == 64) {
      return select64(in.out64(0), in.in64(1), in.in64(2), p, invert);
    }
    int keep = in.type().bits() == 16 ? 0xFFFF : -1;
    return select32(in.out32(0), in.in32(1), in.in32(2), p, invert, keep);
  }

  private static Op select32(int d, int a, int b, int p, int invert, int keep) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int[] to = warp.r32[d];
        int[] yes = warp.r32[a];
        int[] no = warp.r32[b];
        int choice = warp.predicates[p] ^ invert;
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          to[l] = ((choice >>> l & 1) != 0 ? yes[l] : no[l]) & keep;
        }
      }
    };
  }

  private static Op select64(int d, int a, int b, int p, int invert) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int choice = warp.predicates[p] ^ invert;
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          warp.r64[d][l] = warp.r64[(choice >>> l & 1) != 0 ? a : b][l];
        }
      }
    };
  }

  /** slct: the first source where the third is not negative. */
  private static Op selectBySign(Instruction in) {
    if (in.types.size() != 2 || in.types.getFirst().bits() != 32) {
      throw in.unsupported("slct of this type");
    }
    int a = in.in32(1);
    int b = in.in32(2);
    int c = in.in32(3);
    boolean floating = in.type() == PtxType.F32;
    return LaneOps.op32(
        LaneLoops.each((x, y, z) -> (floating ? Float.intBitsToFloat(z) >= 0 : z >= 0) ? x : y),
        in.out32(0),
        a,
        b,
        c);
  }
}
