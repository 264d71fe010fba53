// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;

/** Instructions in which lanes see each other: shfl, vote, match, activemask, redux. */
final class WarpFamily {
  private WarpFamily() {}

  static Op decode(Instruction in) {
    return switch (in.root) {
      case "shfl" -> shuffle(in);
      case "vote" -> vote(in);
      case "match" -> match(in);
      case "activemask" -> activeMask(in);
      default -> reduce(in);
    };
  }

  /**
   * Checks the member mask that the lanes of a warp-wide instruction give.
   *
   * @param slot of the member mask
   * @param mask the lanes that execute
   */
  static void checkMembers(Warp warp, int slot, int mask) {
    int[] members = warp.r32[slot];
    int first = members[Integer.numberOfTrailingZeros(mask)];
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int l = Integer.numberOfTrailingZeros(rest);
      if ((members[l] >>> l & 1) == 0) {
        throw warp.fault(
            FaultKind.DIVERGENT_WARP,
            l,
            0,
            "the lane is not in its own member mask 0x%08x".formatted(members[l]));
      }
    }
    int missing = first & ~mask & ~warp.exited;
    if (missing != 0) {
      throw warp.fault(
          FaultKind.DIVERGENT_WARP,
          Integer.numberOfTrailingZeros(missing),
          0,
          "member mask 0x%08x names lanes 0x%08x, which are elsewhere; lanes 0x%08x are here"
              .formatted(first, missing, mask));
    }
  }

  private static Op shuffle(Instruction in) {
    if (!in.has("sync")) {
      throw in.unsupported("shfl without .sync");
    }
    Operand value = in.operand(0);
    Operand valid = new Operand.Sink();
    if (in.operand(0) instanceof Operand.Both both) {
      value = both.first();
      valid = both.second();
    }
    ShuffleMode mode =
        in.has("up")
            ? ShuffleMode.UP
            : in.has("down")
                ? ShuffleMode.DOWN
                : in.has("bfly") ? ShuffleMode.BUTTERFLY : ShuffleMode.INDEX;
    int a = in.in32(1);
    int b = in.in32(2);
    int c = in.in32(3);
    int members = in.in32(4);
    int d = in.out32(value);
    int p = in.outPredicate(valid);
    Op op = new Shuffle(mode, d, p, new int[] {a, b, c, members});
    op.category = InstructionClass.SHUFFLE;
    return op;
  }

  private enum ShuffleMode {
    UP,
    DOWN,
    BUTTERFLY,
    INDEX
  }

  private static final class Shuffle extends Op {
    private final ShuffleMode mode;
    private final int d;
    private final int p;
    private final int[] in;

    Shuffle(ShuffleMode mode, int d, int p, int[] in) {
      this.mode = mode;
      this.d = d;
      this.p = p;
      this.in = in;
    }

    @Override
    void execute(Warp warp, int mask) {
      checkMembers(warp, in[3], mask);
      int[] a = warp.r32[in[0]];
      int valid = 0;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        int distance = warp.r32[in[1]][lane] & 31;
        int clamp = warp.r32[in[2]][lane] & 31;
        int segment = warp.r32[in[2]][lane] >>> 8 & 31;
        int top = (lane & segment) | (clamp & ~segment);
        int source =
            switch (mode) {
              case UP -> lane - distance;
              case DOWN -> lane + distance;
              case BUTTERFLY -> lane ^ distance;
              case INDEX -> (lane & segment) | (distance & ~segment);
            };
        boolean inside = mode == ShuffleMode.UP ? source >= top : source <= top;
        if (inside && (mask >>> source & 1) == 0) {
          throw warp.fault(
              FaultKind.INACTIVE_SOURCE,
              lane,
              0,
              "lane %d is read but does not take part".formatted(source));
        }
        warp.scratch32[lane] = a[inside ? source : lane];
        valid |= inside ? 1 << lane : 0;
      }
      LaneLoops.merge(warp.r32[d], warp.scratch32, mask);
      warp.setPredicate(p, mask, valid);
    }
  }

  private static Op vote(Instruction in) {
    boolean ballot = in.has("ballot");
    int invert = Instruction.inversion(in.operand(1));
    int a = in.inPredicate(1);
    int members = in.in32(2);
    int d = ballot ? in.out32(0) : in.outPredicate(0);
    boolean any = in.has("any");
    boolean uniform = in.has("uni");
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            checkMembers(warp, members, mask);
            int votes = (warp.predicates[a] ^ invert) & mask;
            if (ballot) {
              fill(warp.r32[d], mask, votes);
              return;
            }
            boolean result =
                any ? votes != 0 : uniform ? votes == 0 || votes == mask : votes == mask;
            warp.setPredicate(d, mask, result ? -1 : 0);
          }
        };
    op.category = InstructionClass.VOTE;
    return op;
  }

  private static void fill(int[] to, int mask, int value) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      to[Integer.numberOfTrailingZeros(rest)] = value;
    }
  }

  private static Op match(Instruction in) {
    boolean all = in.has("all");
    boolean wide = in.type().bits() == 64;
    Operand value = in.operand(0);
    Operand same = new Operand.Sink();
    if (in.operand(0) instanceof Operand.Both both) {
      value = both.first();
      same = both.second();
    }
    int a = wide ? in.in64(1) : in.in32(1);
    int members = in.in32(2);
    int d = in.out32(value);
    int p = in.outPredicate(same);
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            checkMembers(warp, members, mask);
            boolean equal = true;
            for (int rest = mask; rest != 0; rest &= rest - 1) {
              int l = Integer.numberOfTrailingZeros(rest);
              int alike = alike(warp, l, mask);
              equal &= alike == mask;
              warp.scratch32[l] = alike;
            }
            if (all) {
              fill(warp.scratch32, mask, equal ? mask : 0);
            }
            LaneLoops.merge(warp.r32[d], warp.scratch32, mask);
            warp.setPredicate(p, mask, equal ? -1 : 0);
          }

          private int alike(Warp warp, int lane, int mask) {
            int alike = 0;
            for (int rest = mask; rest != 0; rest &= rest - 1) {
              int l = Integer.numberOfTrailingZeros(rest);
              boolean one =
                  wide ? warp.r64[a][l] == warp.r64[a][lane] : warp.r32[a][l] == warp.r32[a][lane];
              alike |= one ? 1 << l : 0;
            }
            return alike;
          }
        };
    op.category = InstructionClass.VOTE;
    return op;
  }

  private static Op activeMask(Instruction in) {
    int d = in.out32(0);
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            fill(warp.r32[d], mask, mask);
          }
        };
    op.category = InstructionClass.VOTE;
    return op;
  }

  private static Op reduce(Instruction in) {
    if (in.type().bits() != 32 || in.type().floating()) {
      throw in.unsupported("redux of this type");
    }
    LaneLoops.Lane32 join = join(in);
    int a = in.in32(1);
    int members = in.in32(2);
    int d = in.out32(0);
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            checkMembers(warp, members, mask);
            int first = Integer.numberOfTrailingZeros(mask);
            int result = warp.r32[a][first];
            for (int rest = mask & (mask - 1); rest != 0; rest &= rest - 1) {
              result = join.apply(result, warp.r32[a][Integer.numberOfTrailingZeros(rest)], 0);
            }
            fill(warp.r32[d], mask, result);
          }
        };
    op.category = InstructionClass.VOTE;
    return op;
  }

  private static LaneLoops.Lane32 join(Instruction in) {
    boolean signed = in.type() == PtxType.S32;
    for (String suffix : in.suffixes) {
      switch (suffix) {
        case "add" -> {
          return (a, b, c) -> a + b;
        }
        case "and" -> {
          return (a, b, c) -> a & b;
        }
        case "or" -> {
          return (a, b, c) -> a | b;
        }
        case "xor" -> {
          return (a, b, c) -> a ^ b;
        }
        case "min" -> {
          return IntLoops.min(signed);
        }
        case "max" -> {
          return IntLoops.max(signed);
        }
        default -> {
          // sync and the type.
        }
      }
    }
    throw in.unsupported("this reduction");
  }
}
