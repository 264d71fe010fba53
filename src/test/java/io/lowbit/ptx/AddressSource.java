// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.Register;
import io.lowbit.ptx.text.Space;

/**
 * Where an instruction finds its addresses: a register or nothing, plus a constant.
 *
 * @param slot of the base register, -1 without
 * @param wide whether the base has 64 bits
 * @param offset added to each lane's base
 * @param space of the access
 */
record AddressSource(int slot, boolean wide, long offset, Space space) {

  /** The memory operand at a position; generic where neither suffix nor symbol names a space. */
  static AddressSource of(Instruction in, int position) {
    return of(in, in.operand(position), in.space().orElse(Space.GENERIC));
  }

  static AddressSource of(Instruction in, Operand operand, Space space) {
    if (!(operand instanceof Operand.Address(Operand base, long offset))) {
      throw in.unsupported("a memory operand is expected where there is " + operand);
    }
    return switch (base) {
      case Operand.Reg(Register register) -> {
        boolean wide = Slots.kind(register.type()) == Slots.Kind.LONG;
        int slot = wide ? in.in64(base) : in.in32(base);
        yield new AddressSource(slot, wide, offset, space);
      }
      case Operand.Immediate constant ->
          new AddressSource(-1, false, constant.bits() + offset, space);
      case Operand.Symbol(String name) -> {
        Symbols.Place place =
            in.symbols
                .place(name)
                .orElseThrow(() -> in.unsupported("variable %s is not known".formatted(name)));
        yield new AddressSource(
            -1, false, place.address() + offset, space == Space.GENERIC ? place.space() : space);
      }
      default -> throw in.unsupported("this address");
    };
  }

  /** Computes the addresses of the lanes of a mask. */
  void compute(Warp warp, int mask) {
    long[] to = warp.access.address;
    if (slot < 0) {
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        to[Integer.numberOfTrailingZeros(rest)] = offset;
      }
    } else if (wide) {
      long[] base = warp.r64[slot];
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        to[l] = base[l] + offset;
      }
    } else {
      int[] base = warp.r32[slot];
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        to[l] = (base[l] & 0xFFFF_FFFFL) + offset;
      }
    }
  }
}
