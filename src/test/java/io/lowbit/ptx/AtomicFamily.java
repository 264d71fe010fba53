// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;

/** atom and red. Lanes go one after the other in the order of their numbers. */
final class AtomicFamily {
  private AtomicFamily() {}

  /** What memory becomes: from the old value and the operands. */
  private interface Change {
    long apply(long old, long b, long c);
  }

  static Op decode(Instruction in) {
    boolean returns = in.root.equals("atom");
    int position = returns ? 1 : 0;
    AddressSource address = AddressSource.of(in, position);
    PtxType type = in.type();
    int size = type.bytes();
    boolean wide = type.bits() == 64;
    boolean exchange = in.has("cas");
    int b = source(in, position + 1, wide);
    int c = exchange ? source(in, position + 2, wide) : b;
    Operand result = returns ? in.operand(0) : new Operand.Sink();
    int d = wide ? in.out64(result) : in.out32(result);
    Change change = change(in, type);
    boolean release = in.has("release") || in.has("acq_rel") || in.has("sc");
    Op op =
        new Op() {
          @Override
          void execute(Warp warp, int mask) {
            if (release) {
              warp.block.launch.races.fence(warp.block.linear);
            }
            address.compute(warp, mask);
            Access access = warp.access;
            access.resolve(address.space(), mask, size, AccessKind.ATOMIC);
            for (int rest = mask; rest != 0; rest &= rest - 1) {
              int l = Integer.numberOfTrailingZeros(rest);
              long old = Bytes.get(access.data[l], access.offset[l], size);
              long x = wide ? warp.r64[b][l] : warp.r32[b][l] & 0xFFFF_FFFFL;
              long y = wide ? warp.r64[c][l] : warp.r32[c][l] & 0xFFFF_FFFFL;
              Bytes.put(access.data[l], access.offset[l], size, change.apply(old, x, y));
              if (wide) {
                warp.r64[d][l] = old;
              } else {
                warp.r32[d][l] = (int) old;
              }
            }
          }
        };
    op.category = InstructionClass.ATOMIC;
    return op;
  }

  private static int source(Instruction in, int position, boolean wide) {
    return wide ? in.in64(position) : in.in32(position);
  }

  private static Change change(Instruction in, PtxType type) {
    boolean floating = type.floating() || type.kind() == PtxType.Kind.PAIR;
    if (floating && in.has("add")) {
      return floatAdd(in, type);
    }
    if (floating) {
      throw in.unsupported("this atomic operation on floats");
    }
    boolean signed = type.signed();
    for (String suffix : in.suffixes) {
      switch (suffix) {
        case "add" -> {
          return (old, b, c) -> old + b;
        }
        case "and" -> {
          return (old, b, c) -> old & b;
        }
        case "or" -> {
          return (old, b, c) -> old | b;
        }
        case "xor" -> {
          return (old, b, c) -> old ^ b;
        }
        case "exch" -> {
          return (old, b, c) -> b;
        }
        case "cas" -> {
          return (old, b, c) -> old == low(b, type) ? c : old;
        }
        case "min" -> {
          return (old, b, c) -> less(b, old, type, signed) ? b : old;
        }
        case "max" -> {
          return (old, b, c) -> less(old, b, type, signed) ? b : old;
        }
        case "inc" -> {
          return (old, b, c) -> Long.compareUnsigned(old, b) >= 0 ? 0 : old + 1;
        }
        case "dec" -> {
          return (old, b, c) -> old == 0 || Long.compareUnsigned(old, b) > 0 ? b : old - 1;
        }
        default -> {
          // Spaces, scopes and orders.
        }
      }
    }
    throw in.unsupported("the atomic operation is not known");
  }

  private static long low(long value, PtxType type) {
    return type.bits() == 64 ? value : value & (1L << type.bits()) - 1;
  }

  private static boolean less(long a, long b, PtxType type, boolean signed) {
    if (!signed) {
      return Long.compareUnsigned(a, b) < 0;
    }
    int unused = 64 - type.bits();
    return a << unused < b << unused;
  }

  private static Change floatAdd(Instruction in, PtxType type) {
    return switch (type) {
      case F32 ->
          (old, b, c) ->
              FloatFamily.bits(Float.intBitsToFloat((int) old) + Float.intBitsToFloat((int) b));
      case F64 ->
          (old, b, c) ->
              Double.doubleToRawLongBits(Double.longBitsToDouble(old) + Double.longBitsToDouble(b));
      case F16 -> (old, b, c) -> Halves.F16.add((int) old, (int) b & 0xFFFF);
      case BF16 -> (old, b, c) -> Halves.BF16.add((int) old, (int) b & 0xFFFF);
      case F16X2 -> (old, b, c) -> pair(Halves.F16, (int) old, (int) b);
      case BF16X2 -> (old, b, c) -> pair(Halves.BF16, (int) old, (int) b);
      default -> throw in.unsupported("atomic addition of this type");
    };
  }

  private static long pair(Halves format, int a, int b) {
    return format.add(a & 0xFFFF, b & 0xFFFF) | (long) format.add(a >>> 16, b >>> 16) << 16;
  }
}
