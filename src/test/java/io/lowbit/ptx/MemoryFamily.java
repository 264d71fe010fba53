// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.PtxType;
import io.lowbit.ptx.text.Space;
import java.util.List;

/** ld and st, also of vectors, in all spaces. Cache operators and hints change nothing here. */
final class MemoryFamily {
  private MemoryFamily() {}

  static Op decode(Instruction in) {
    boolean store = in.root.equals("st");
    Operand value = in.operand(store ? 1 : 0);
    List<Operand> elements =
        value instanceof Operand.Vector(List<Operand> parts) ? parts : List.of(value);
    AddressSource address = AddressSource.of(in, store ? 0 : 1);
    Op op = store ? store(in, address, elements) : load(in, address, elements);
    op.category = kind(address.space(), store);
    return op;
  }

  private static InstructionClass kind(Space space, boolean store) {
    return switch (space) {
      case GLOBAL, GENERIC, CONST ->
          store ? InstructionClass.GLOBAL_STORE : InstructionClass.GLOBAL_LOAD;
      case SHARED -> store ? InstructionClass.SHARED_STORE : InstructionClass.SHARED_LOAD;
      case LOCAL -> InstructionClass.LOCAL;
      case PARAM -> InstructionClass.PARAMETER;
    };
  }

  static boolean strong(Instruction in) {
    return in.has("volatile") || in.has("relaxed") || in.has("acquire") || in.has("release");
  }

  private static Op load(Instruction in, AddressSource address, List<Operand> elements) {
    PtxType type = in.type();
    int size = type.bytes();
    Element[] to = elements.stream().map(e -> Element.target(in, e, type)).toArray(Element[]::new);
    AccessKind kind =
        strong(in)
            ? AccessKind.STRONG_READ
            : in.has("nc") ? AccessKind.READ_CONSTANT : AccessKind.READ;
    int total = size * to.length;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        address.compute(warp, mask);
        warp.access.resolve(address.space(), mask, total, kind);
        for (int i = 0; i < to.length; i++) {
          to[i].load(warp, mask, i * size);
        }
      }
    };
  }

  private static Op store(Instruction in, AddressSource address, List<Operand> elements) {
    PtxType type = in.type();
    int size = type.bytes();
    Element[] from =
        elements.stream().map(e -> Element.source(in, e, type)).toArray(Element[]::new);
    AccessKind kind = strong(in) ? AccessKind.STRONG_WRITE : AccessKind.WRITE;
    boolean release = in.has("release");
    int total = size * from.length;
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        if (release) {
          warp.block.launch.races.fence(warp.block.linear);
        }
        address.compute(warp, mask);
        warp.access.resolve(address.space(), mask, total, kind);
        for (int i = 0; i < from.length; i++) {
          from[i].store(warp, mask, i * size);
        }
      }
    };
  }

  /**
   * A register that is loaded or stored, and the type in memory.
   *
   * @param slot of the register
   * @param wide whether it has 64 bits
   * @param size bytes in memory
   * @param signed whether a narrower value is sign-extended
   * @param keep the bits that the register holds
   */
  private record Element(int slot, boolean wide, int size, boolean signed, int keep) {
    static Element target(Instruction in, Operand operand, PtxType type) {
      boolean wide = operand instanceof Operand.Sink ? type.bits() == 64 : in.wide(operand);
      int slot = wide ? in.out64(operand) : in.out32(operand);
      int keep = in.registerBits(operand) == 16 ? 0xFFFF : -1;
      return new Element(slot, wide, type.bytes(), type.signed(), keep);
    }

    static Element source(Instruction in, Operand operand, PtxType type) {
      boolean wide = operand instanceof Operand.Reg ? in.wide(operand) : type.bits() == 64;
      int slot = wide ? in.in64(operand) : in.in32(operand);
      return new Element(slot, wide, type.bytes(), type.signed(), -1);
    }

    void load(Warp warp, int mask, int at) {
      byte[][] data = warp.access.data;
      int[] offset = warp.access.offset;
      if (size == 4 && !wide) {
        int[] to = warp.r32[slot];
        for (int rest = mask; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          to[l] = (int) Bytes.INT.get(data[l], offset[l] + at);
        }
        return;
      }
      int unused = 64 - 8 * size;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        long value = Bytes.get(data[l], offset[l] + at, size);
        if (signed) {
          value = value << unused >> unused;
        }
        if (wide) {
          warp.r64[slot][l] = value;
        } else {
          warp.r32[slot][l] = (int) value & keep;
        }
      }
    }

    void store(Warp warp, int mask, int at) {
      byte[][] data = warp.access.data;
      int[] offset = warp.access.offset;
      int again = warp.access.again;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        long value = wide ? warp.r64[slot][l] : warp.r32[slot][l];
        if ((again >>> l & 1) != 0) {
          checkSame(warp, l, data[l], offset[l] + at, value);
        }
        Bytes.put(data[l], offset[l] + at, size, value);
      }
    }

    /** Two lanes of a warp may write one place without an order if they write the same. */
    private void checkSame(Warp warp, int lane, byte[] data, int offset, long value) {
      long cut = size == 8 ? value : value & (1L << (8 * size)) - 1;
      if (Bytes.get(data, offset, size) != cut) {
        throw warp.fault(
            FaultKind.SHARED_RACE,
            lane,
            offset,
            "another lane of the warp has just written another value to shared byte %,d"
                .formatted(offset));
      }
    }
  }
}
