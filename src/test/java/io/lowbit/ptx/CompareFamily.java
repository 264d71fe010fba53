// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.LaneLoops.Test32;
import io.lowbit.ptx.LaneLoops.Test64;
import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;
import java.util.List;

/** setp and set. */
final class CompareFamily {
  private static final List<String> COMBINATIONS = List.of("and", "or", "xor");

  private CompareFamily() {}

  static Op decode(Instruction in) {
    Op op =
        in.type().kind() == PtxType.Kind.PAIR
            ? Pairs.decode(in)
            : in.root.equals("set") ? set(in) : setPredicate(in);
    op.category = InstructionClass.COMPARE;
    return op;
  }

  private static Op setPredicate(Instruction in) {
    Tester tester = tester(in, 1);
    Combination combination = combination(in, 3);
    Operand first = in.operand(0);
    Operand second = new Operand.Sink();
    if (in.operand(0) instanceof Operand.Both both) {
      first = both.first();
      second = both.second();
    }
    int p = in.outPredicate(first);
    int q = in.outPredicate(second);
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int test = tester.test(warp);
        int yes = combination.apply(warp, test);
        int no = combination.apply(warp, ~test);
        warp.setPredicate(q, mask, no);
        warp.setPredicate(p, mask, yes);
      }
    };
  }

  /** set: all ones or zero, or 1.0 or 0.0, in the first type. */
  private static Op set(Instruction in) {
    PtxType type = in.types.getFirst();
    Tester tester = tester(in, 1);
    Combination combination = combination(in, 3);
    int d = in.out32(0);
    int yes =
        switch (type) {
          case F32 -> Float.floatToRawIntBits(1f);
          case F16 -> 0x3C00;
          case BF16 -> 0x3F80;
          default -> type.bits() == 16 ? 0xFFFF : -1;
        };
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int test = combination.apply(warp, tester.test(warp));
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          warp.r32[d][l] = (test >>> l & 1) != 0 ? yes : 0;
        }
      }
    };
  }

  /** Compares the two sources of a warp. */
  private interface Tester {
    int test(Warp warp);
  }

  /** Joins a test with the further predicate. */
  private interface Combination {
    int apply(Warp warp, int test);
  }

  private static Combination combination(Instruction in, int operand) {
    String name = in.suffixes.size() > 1 ? in.suffixes.get(1) : "";
    if (!COMBINATIONS.contains(name)) {
      return (warp, test) -> test;
    }
    int c = in.inPredicate(operand);
    int invert = Instruction.inversion(in.operand(operand));
    return switch (name) {
      case "and" -> (warp, test) -> test & (warp.predicates[c] ^ invert);
      case "or" -> (warp, test) -> test | (warp.predicates[c] ^ invert);
      default -> (warp, test) -> test ^ warp.predicates[c] ^ invert;
    };
  }

  private static Tester tester(Instruction in, int operand) {
    PtxType type = in.type();
    if (type.bits() == 64) {
      int a = in.in64(operand);
      int b = in.in64(operand + 1);
      Test64 test = test64(in, type);
      return warp -> test.run(warp.r64[a], warp.r64[b]);
    }
    int a = in.in32(operand);
    int b = in.in32(operand + 1);
    Test32 test = test32(in, type);
    return warp -> test.run(warp.r32[a], warp.r32[b]);
  }

  private static Test32 test32(Instruction in, PtxType type) {
    String name = in.suffixes.getFirst();
    if (type.floating()) {
      return floats(in, type);
    }
    if (type.bits() == 32) {
      Test32 quick = quick(name, type.signed());
      if (quick != null) {
        return quick;
      }
    }
    boolean signed = type.signed();
    int bits = type.bits();
    Relation relation = Relation.of(in, name);
    return (a, b) -> {
      int result = 0;
      for (int l = 0; l < LaneLoops.LANES; l++) {
        long x = extend(a[l], bits, signed);
        long y = extend(b[l], bits, signed);
        result |= relation.holds(Long.compare(x, y), false) ? 1 << l : 0;
      }
      return result;
    };
  }

  private static long extend(int value, int bits, boolean signed) {
    long shifted = (long) value << (64 - bits);
    return signed ? shifted >> (64 - bits) : shifted >>> (64 - bits);
  }

  /** The comparisons of loop counters and indexes. */
  private static Test32 quick(String name, boolean signed) {
    return switch (name) {
      case "eq" -> CompareFamily::equal;
      case "ne" -> (a, b) -> ~equal(a, b);
      case "lt" -> signed ? CompareFamily::less : null;
      case "ge" -> signed ? (a, b) -> ~less(a, b) : null;
      case "gt" -> signed ? (a, b) -> less(b, a) : null;
      case "le" -> signed ? (a, b) -> ~less(b, a) : null;
      default -> null;
    };
  }

  private static int equal(int[] a, int[] b) {
    int result = 0;
    for (int l = 0; l < LaneLoops.LANES; l++) {
      result |= (a[l] == b[l] ? 1 : 0) << l;
    }
    return result;
  }

  private static int less(int[] a, int[] b) {
    int result = 0;
    for (int l = 0; l < LaneLoops.LANES; l++) {
      result |= (a[l] < b[l] ? 1 : 0) << l;
    }
    return result;
  }

  private static Test32 floats(Instruction in, PtxType type) {
    Relation relation = Relation.of(in, in.suffixes.getFirst());
    boolean flush = in.has("ftz");
    FloatFormat format = FloatFormat.of(type);
    return (a, b) -> {
      int result = 0;
      for (int l = 0; l < LaneLoops.LANES; l++) {
        float x = value(format, a[l]);
        float y = value(format, b[l]);
        if (flush) {
          x = FloatFamily.flush(x);
          y = FloatFamily.flush(y);
        }
        result |= relation.test(x, y) ? 1 << l : 0;
      }
      return result;
    };
  }

  private static float value(FloatFormat format, int code) {
    return format == FloatFormat.F32 ? Float.intBitsToFloat(code) : (float) format.decode(code);
  }

  private static Test64 test64(Instruction in, PtxType type) {
    Relation relation = Relation.of(in, in.suffixes.getFirst());
    boolean signed = type.signed() || type == PtxType.B64;
    boolean floating = type.floating();
    return (a, b) -> {
      int result = 0;
      for (int l = 0; l < LaneLoops.LANES; l++) {
        boolean holds;
        if (floating) {
          holds = relation.test(Double.longBitsToDouble(a[l]), Double.longBitsToDouble(b[l]));
        } else {
          int order = signed ? Long.compare(a[l], b[l]) : Long.compareUnsigned(a[l], b[l]);
          holds = relation.holds(order, false);
        }
        result |= holds ? 1 << l : 0;
      }
      return result;
    };
  }

  /** Which of less, equal, greater and unordered a comparison accepts. */
  private record Relation(boolean less, boolean equal, boolean greater, boolean unordered) {
    static Relation of(Instruction in, String name) {
      return switch (name) {
        case "eq" -> new Relation(false, true, false, false);
        case "ne" -> new Relation(true, false, true, false);
        case "lt", "lo" -> new Relation(true, false, false, false);
        case "le", "ls" -> new Relation(true, true, false, false);
        case "gt", "hi" -> new Relation(false, false, true, false);
        case "ge", "hs" -> new Relation(false, true, true, false);
        case "equ" -> new Relation(false, true, false, true);
        case "neu" -> new Relation(true, false, true, true);
        case "ltu" -> new Relation(true, false, false, true);
        case "leu" -> new Relation(true, true, false, true);
        case "gtu" -> new Relation(false, false, true, true);
        case "geu" -> new Relation(false, true, true, true);
        case "num" -> new Relation(true, true, true, false);
        case "nan" -> new Relation(false, false, false, true);
        default -> throw in.unsupported("comparison '%s'".formatted(name));
      };
    }

    boolean holds(int order, boolean isUnordered) {
      return isUnordered ? unordered : order < 0 ? less : order == 0 ? equal : greater;
    }

    boolean test(double a, double b) {
      boolean none = Double.isNaN(a) || Double.isNaN(b);
      return holds(a < b ? -1 : a == b ? 0 : 1, none);
    }
  }

  /** setp on two halves, one predicate each, and set on two halves. */
  private static final class Pairs {
    static Op decode(Instruction in) {
      Relation relation = Relation.of(in, in.suffixes.getFirst());
      FloatFormat format = FloatFormat.of(in.type());
      int a = in.in32(1);
      int b = in.in32(2);
      if (in.root.equals("setp") && in.operand(0) instanceof Operand.Both both) {
        return predicates(in, both, relation, format, a, b);
      }
      if (in.root.equals("set") && in.types.getFirst() == in.type()) {
        int one = format == FloatFormat.F16 ? 0x3C00 : 0x3F80;
        return values(in, relation, format, a, b, one);
      }
      if (in.root.equals("set") && in.types.getFirst().bits() == 32) {
        return values(in, relation, format, a, b, 0xFFFF);
      }
      throw in.unsupported("this form on pairs");
    }

    private static boolean test(Relation relation, FloatFormat format, int a, int b) {
      return relation.test(format.decode(a), format.decode(b));
    }

    private static Op predicates(
        Instruction in, Operand.Both both, Relation relation, FloatFormat format, int a, int b) {
      int p = in.outPredicate(both.first());
      int q = in.outPredicate(both.second());
      Combination combination = combination(in, 3);
      return new Op() {
        @Override
        void execute(Warp warp, int mask) {
          int low = 0;
          int high = 0;
          for (int l = 0; l < LaneLoops.LANES; l++) {
            int x = warp.r32[a][l];
            int y = warp.r32[b][l];
            low |= test(relation, format, x & 0xFFFF, y & 0xFFFF) ? 1 << l : 0;
            high |= test(relation, format, x >>> 16, y >>> 16) ? 1 << l : 0;
          }
          int first = combination.apply(warp, low);
          int second = combination.apply(warp, high);
          warp.setPredicate(p, mask, first);
          warp.setPredicate(q, mask, second);
        }
      };
    }

    private static Op values(
        Instruction in, Relation relation, FloatFormat format, int a, int b, int one) {
      return LaneOps.op32(
          LaneLoops.each((x, y, z) ->
              (test(relation, format, x & 0xFFFF, y & 0xFFFF) ? one : 0)
                  | (test(relation, format, x >>> 16, y >>> 16) ? one << 16 : 0)),
          in.out32(0),
          a,
          b,
          a);
    }
  }
}
