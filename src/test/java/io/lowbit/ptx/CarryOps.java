// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** Extended-precision arithmetic with the carry flag: add.cc, addc, sub.cc, subc, mad.cc, madc. */
final class CarryOps {
  private CarryOps() {}

  static Op decode(Instruction in) {
    boolean wide = in.type().bits() == 64;
    boolean signed = in.type().signed();
    boolean carryIn = in.root.endsWith("c");
    boolean carryOut = in.has("cc");
    boolean subtract = in.root.startsWith("sub");
    boolean product = in.root.startsWith("mad");
    boolean high = in.has("hi");
    int d = wide ? in.out64(0) : in.out32(0);
    int a = wide ? in.in64(1) : in.in32(1);
    int b = wide ? in.in64(2) : in.in32(2);
    int c = product ? wide ? in.in64(3) : in.in32(3) : b;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        int flags = 0;
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          long x = wide ? warp.r64[a][l] : warp.r32[a][l] & 0xFFFF_FFFFL;
          long y = wide ? warp.r64[b][l] : warp.r32[b][l] & 0xFFFF_FFFFL;
          if (product) {
            x = multiply(x, y, wide, signed, high);
            y = wide ? warp.r64[c][l] : warp.r32[c][l] & 0xFFFF_FFFFL;
          }
          long flag = carryIn ? warp.carry >>> l & 1 : 0;
          long result = subtract ? x - y - flag : x + y + flag;
          boolean out = subtract ? borrow(x, y, flag, wide) : carry(x, result, flag, wide);
          flags |= out ? 1 << l : 0;
          if (wide) {
            warp.r64[d][l] = result;
          } else {
            warp.r32[d][l] = (int) result;
          }
        }
        if (carryOut) {
          warp.carry = (warp.carry & ~mask) | flags;
        }
      }
    };
  }

  private static long multiply(long x, long y, boolean wide, boolean signed, boolean high) {
    if (wide) {
      long upper = signed ? Math.multiplyHigh(x, y) : Math.unsignedMultiplyHigh(x, y);
      return high ? upper : x * y;
    }
    long product = signed ? (long) (int) x * (int) y : x * y;
    return (high ? product >>> 32 : product) & 0xFFFF_FFFFL;
  }

  private static boolean carry(long x, long result, long flag, boolean wide) {
    if (!wide) {
      return result >>> 32 != 0;
    }
    int order = Long.compareUnsigned(result, x);
    return order < 0 || (flag != 0 && order == 0);
  }

  private static boolean borrow(long x, long y, long flag, boolean wide) {
    if (!wide) {
      return x - y - flag < 0;
    }
    int order = Long.compareUnsigned(x, y);
    return order < 0 || (flag != 0 && order == 0);
  }
}
