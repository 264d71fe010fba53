// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Space;

/**
 * The memory that one instruction of a warp touches: addresses in, byte arrays and offsets out,
 * with every check on the way.
 */
final class Access {
  /** Generic addresses of shared and local memory; the lower halves are plain offsets. */
  static final long SHARED_WINDOW = 0x7FFE_0000_0000_0000L;

  static final long LOCAL_WINDOW = 0x7FFF_0000_0000_0000L;
  static final long PARAMETER_WINDOW = 0x7FFD_0000_0000_0000L;
  private static final long WINDOW_MASK = 0xFFFF_0000_0000_0000L;

  final long[] address = new long[32];
  final byte[][] data = new byte[32][];
  final int[] offset = new int[32];

  /** Lanes that write where another lane of the warp has just written. */
  int again;

  private final Warp warp;
  private final Coalescing coalescing = new Coalescing();
  private final Banks banks = new Banks();
  private Allocation last;

  Access(Warp warp) {
    this.warp = warp;
  }

  /** Resolves {@link #address} for the lanes of a mask. */
  void resolve(Space space, int mask, int bytes, AccessKind kind) {
    again = 0;
    switch (space) {
      case GLOBAL, CONST -> global(mask, bytes, kind);
      case SHARED -> shared(mask, bytes, kind);
      case LOCAL -> local(mask, bytes, kind);
      case PARAM -> parameter(mask, bytes);
      case GENERIC -> generic(mask, bytes, kind);
    }
  }

  private void generic(int mask, int bytes, AccessKind kind) {
    int toShared = 0;
    int toLocal = 0;
    int toParameter = 0;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long window = address[lane] & WINDOW_MASK;
      if (window == SHARED_WINDOW) {
        toShared |= 1 << lane;
        address[lane] -= SHARED_WINDOW;
      } else if (window == LOCAL_WINDOW) {
        toLocal |= 1 << lane;
        address[lane] -= LOCAL_WINDOW;
      } else if (window == PARAMETER_WINDOW) {
        toParameter |= 1 << lane;
        address[lane] -= PARAMETER_WINDOW;
      }
    }
    if (toShared != 0) {
      shared(toShared, bytes, kind);
    }
    if (toLocal != 0) {
      local(toLocal, bytes, kind);
    }
    if (toParameter != 0) {
      parameter(toParameter, bytes);
    }
    int rest = mask & ~toShared & ~toLocal & ~toParameter;
    if (rest != 0) {
      global(rest, bytes, kind);
    }
  }

  private void global(int mask, int bytes, AccessKind kind) {
    InterpreterOptions options = warp.block.launch.options;
    GlobalRaces races = options.races() ? warp.block.launch.races : null;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long at = address[lane];
      Allocation allocation = last;
      if (allocation == null
          || allocation.freed
          || at < allocation.base
          || at - allocation.base > allocation.size - bytes) {
        allocation = find(lane, at, bytes);
        last = allocation;
      }
      if ((at & (bytes - 1)) != 0) {
        throw warp.fault(
            FaultKind.MISALIGNED, lane, at, "the address is no multiple of %d".formatted(bytes));
      }
      int start = (int) (at - allocation.base);
      data[lane] = allocation.data;
      offset[lane] = start;
      check(allocation, lane, start, bytes, kind, options.poison());
      if (races != null && !allocation.readOnly) {
        races.access(warp, lane, allocation, start, bytes, kind);
      }
    }
    int index = warp.current.opIndex;
    coalescing.count(address, mask, bytes);
    warp.block.counters.sectors(index, coalescing.sectors(), coalescing.ideal());
    warp.block.counters.bytes(index, (long) bytes * Integer.bitCount(mask));
  }

  private void check(
      Allocation allocation, int lane, int start, int bytes, AccessKind kind, boolean poison) {
    byte[] defined = allocation.defined;
    if (poison && kind.reads() && defined != null && !Bytes.allOne(defined, start, bytes)) {
      throw warp.fault(
          FaultKind.UNINITIALISED_MEMORY,
          lane,
          address[lane],
          "byte %,d of %s, or one of the %d after it, has not been written"
              .formatted(start, allocation, bytes - 1));
    }
    if (kind.writes()) {
      if (allocation.readOnly) {
        throw warp.fault(
            FaultKind.READ_ONLY, lane, address[lane], "%s is constant".formatted(allocation));
      }
      if (defined != null) {
        Bytes.mark(defined, start, bytes, (byte) 1);
      }
    }
  }

  private Allocation find(int lane, long at, int bytes) {
    GlobalMemory memory = warp.block.launch.memory;
    Allocation allocation = memory.holding(at, bytes);
    if (allocation != null) {
      return allocation;
    }
    Allocation near = memory.before(at);
    if (near == null) {
      throw warp.fault(
          FaultKind.OUT_OF_BOUNDS, lane, at, "%d bytes where nothing is".formatted(bytes));
    }
    if (near.freed) {
      throw warp.fault(
          FaultKind.USE_AFTER_FREE,
          lane,
          at,
          "%d bytes, %,d after the start of freed %s".formatted(bytes, at - near.base, near.what));
    }
    throw warp.fault(
        FaultKind.OUT_OF_BOUNDS,
        lane,
        at,
        "%d bytes, %,d after the start of %s".formatted(bytes, at - near.base, near));
  }

  private void shared(int mask, int bytes, AccessKind kind) {
    SharedMemory shared = warp.block.shared;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      if (shared.access(warp, lane, address[lane], bytes, kind)) {
        again |= 1 << lane;
      }
      data[lane] = shared.data;
      offset[lane] = (int) address[lane];
    }
    countBanks(mask, bytes);
  }

  /** Counts the passes through shared memory for {@link #address} as it is. */
  void countBanks(int mask, int bytes) {
    int index = warp.current.opIndex;
    banks.count(address, mask, bytes);
    warp.block.counters.banks(index, banks.phases(), banks.conflicts());
    warp.block.counters.bytes(index, (long) bytes * Integer.bitCount(mask));
  }

  private void local(int mask, int bytes, AccessKind kind) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      offset[lane] = warp.local.access(warp, lane, address[lane], bytes, kind);
      data[lane] = warp.local.data;
    }
    warp.block.counters.bytes(warp.current.opIndex, (long) bytes * Integer.bitCount(mask));
  }

  /** A kernel's parameters are the same for all lanes; a function's lie in its frame. */
  private void parameter(int mask, int bytes) {
    byte[] from = warp.frame.caller == null ? warp.block.launch.arguments : warp.frame.parameters;
    int size = warp.frame.program.frameBytes();
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long at = address[lane];
      // Call parameters of a kernel lie behind its own.
      boolean own = warp.frame.caller == null && at < from.length;
      long limit = own ? from.length : size;
      if (at < 0 || at > limit - bytes) {
        throw warp.fault(
            FaultKind.OUT_OF_BOUNDS,
            lane,
            at,
            "%d bytes at %,d of %,d bytes of parameters".formatted(bytes, at, limit));
      }
      data[lane] = own ? from : warp.frame.parameters;
      offset[lane] = own ? (int) at : lane * size + (int) at;
    }
  }
}
