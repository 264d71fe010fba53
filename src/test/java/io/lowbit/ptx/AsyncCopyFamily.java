// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import static io.lowbit.ptx.text.Operand.Immediate.Kind.INTEGER;

import io.lowbit.ptx.text.Operand;
import io.lowbit.ptx.text.Space;

/** cp.async of 4, 8 or 16 bytes, its groups and waits. Bulk copies are not supported. */
final class AsyncCopyFamily {
  private AsyncCopyFamily() {}

  static Op decode(Instruction in) {
    if (!in.has("async") || in.has("bulk") || in.has("mbarrier")) {
      throw in.unsupported("only cp.async, its groups and waits are");
    }
    Op op;
    if (in.has("commit_group")) {
      op = commit();
    } else if (in.has("wait_group")) {
      op = await(constant(in, 0));
    } else if (in.has("wait_all")) {
      op = await(-1);
    } else {
      op = copy(in);
    }
    op.category = InstructionClass.ASYNC_COPY;
    return op;
  }

  private static int constant(Instruction in, int position) {
    if (in.operand(position) instanceof Operand.Immediate constant) {
      return Math.toIntExact(constant.bits());
    }
    throw in.unsupported("a count that is no constant");
  }

  private static Op commit() {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        warp.copies.commit(mask);
      }
    };
  }

  private static Op await(int pending) {
    return new Op() {
      @Override
      void execute(Warp warp, int mask) {
        warp.copies.await(warp, mask, pending);
      }
    };
  }

  private static Op copy(Instruction in) {
    int bytes = constant(in, 2);
    boolean allowed = in.has("cg") ? bytes == 16 : bytes == 4 || bytes == 8 || bytes == 16;
    if (!allowed) {
      throw in.unsupported("%d bytes".formatted(bytes));
    }
    AddressSource to = AddressSource.of(in, in.operand(0), Space.SHARED);
    AddressSource from = AddressSource.of(in, in.operand(1), Space.GLOBAL);
    // With a cache hint the policy comes last; the size of the source before it.
    boolean hint = in.suffixes.contains("L2::cache_hint");
    boolean partial = in.count() > (hint ? 4 : 3);
    Operand source = partial ? in.operand(3) : new Operand.Immediate(bytes, INTEGER);
    int size = source instanceof Operand.Immediate ? -1 : in.in32(source);
    int fixed = source instanceof Operand.Immediate constant ? (int) constant.bits() : bytes;
    if (hint) {
      in.in64(in.count() - 1);
    }
    return new Copy(to, from, bytes, size, fixed);
  }

  private static final class Copy extends Op {
    private final AddressSource to;
    private final AddressSource from;
    private final int bytes;
    private final int size;
    private final int fixed;

    Copy(AddressSource to, AddressSource from, int bytes, int size, int fixed) {
      this.to = to;
      this.from = from;
      this.bytes = bytes;
      this.size = size;
      this.fixed = fixed;
    }

    @Override
    void execute(Warp warp, int mask) {
      Access access = warp.access;
      int full = 0;
      int partial = 0;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        int wanted = sourceBytes(warp, l);
        full |= wanted == bytes ? 1 << l : 0;
        partial |= wanted > 0 && wanted < bytes ? 1 << l : 0;
      }
      from.compute(warp, mask);
      checkAlignment(warp, mask);
      long[] low = new long[32];
      long[] high = new long[32];
      if (full != 0) {
        access.resolve(Space.GLOBAL, full, bytes, AccessKind.READ);
        for (int rest = full; rest != 0; rest &= rest - 1) {
          int l = Integer.numberOfTrailingZeros(rest);
          low[l] = Bytes.get(access.data[l], access.offset[l], Math.min(bytes, 8));
          if (bytes == 16) {
            high[l] = Bytes.get(access.data[l], access.offset[l] + 8, 8);
          }
        }
      }
      readPartial(warp, partial, low, high);
      to.compute(warp, mask);
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        warp.block.shared.beginCopy(warp, l, access.address[l], bytes);
        warp.copies.add(l, (int) access.address[l], bytes, low[l], high[l]);
      }
    }

    private int sourceBytes(Warp warp, int lane) {
      int wanted = size < 0 ? fixed : warp.r32[size][lane];
      if (wanted < 0 || wanted > bytes) {
        throw warp.fault(
            FaultKind.BAD_OPERAND,
            lane,
            0,
            "a source of %,d bytes for a copy of %d".formatted(wanted, bytes));
      }
      return wanted;
    }

    /** The source must be aligned to the whole copy, also where less or nothing of it is read. */
    private void checkAlignment(Warp warp, int mask) {
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        long at = warp.access.address[l];
        if ((at & (bytes - 1)) != 0) {
          throw warp.fault(
              FaultKind.MISALIGNED, l, at, "the source is no multiple of %d".formatted(bytes));
        }
      }
    }

    /** Sources cut short are read byte by byte, so that only what is asked for is touched. */
    private void readPartial(Warp warp, int mask, long[] low, long[] high) {
      Access access = warp.access;
      for (int rest = mask; rest != 0; rest &= rest - 1) {
        int l = Integer.numberOfTrailingZeros(rest);
        int wanted = sourceBytes(warp, l);
        long start = access.address[l];
        for (int i = 0; i < wanted; i++) {
          access.address[l] = start + i;
          access.resolve(Space.GLOBAL, 1 << l, 1, AccessKind.READ);
          long value = Bytes.get(access.data[l], access.offset[l], 1);
          if (i < 8) {
            low[l] |= value << (8 * i);
          } else {
            high[l] |= value << (8 * (i - 8));
          }
        }
        access.address[l] = start;
      }
    }
  }
}
