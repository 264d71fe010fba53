// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/** Shared memory of a block: what is defined, what is in flight, who touched what. */
final class SharedMemory {
  private static final byte DEFINED = 1;
  private static final byte IN_FLIGHT = 2;

  final byte[] data;
  private final byte[] marks;
  private final boolean poison;
  private final SharedRaces races;

  SharedMemory(int bytes, InterpreterOptions options) {
    data = new byte[bytes];
    marks = new byte[bytes];
    poison = options.poison();
    races = options.races() ? new SharedRaces(bytes) : null;
  }

  int bytes() {
    return data.length;
  }

  void clear() {
    Arrays.fill(marks, (byte) 0);
    Arrays.fill(data, (byte) 0xFF);
    if (races != null) {
      races.clear();
    }
  }

  /**
   * Checks an access and remembers it.
   *
   * @return whether another lane of the warp wrote the same place unordered
   */
  boolean access(Warp warp, int lane, long address, int bytes, AccessKind kind) {
    checkRange(warp, lane, address, bytes);
    int offset = (int) address;
    if (!Bytes.allOne(marks, offset, bytes)) {
      checkMarks(warp, lane, offset, bytes, kind);
    }
    boolean again = races != null && races.access(warp, lane, offset, bytes, kind);
    if (kind.writes()) {
      Bytes.mark(marks, offset, bytes, DEFINED);
    }
    return again;
  }

  private void checkRange(Warp warp, int lane, long address, int bytes) {
    if ((address & (bytes - 1)) != 0) {
      throw warp.fault(
          FaultKind.MISALIGNED,
          lane,
          address,
          "shared address %,d is no multiple of %d".formatted(address, bytes));
    }
    if (address < 0 || address > data.length - bytes) {
      throw warp.fault(
          FaultKind.OUT_OF_BOUNDS,
          lane,
          address,
          "%d bytes at shared address %,d, but the block has %,d bytes"
              .formatted(bytes, address, data.length));
    }
  }

  private void checkMarks(Warp warp, int lane, int offset, int bytes, AccessKind kind) {
    for (int at = offset; at < offset + bytes; at++) {
      if ((marks[at] & IN_FLIGHT) != 0) {
        throw warp.fault(
            FaultKind.PENDING_COPY,
            lane,
            at,
            "shared byte %,d is the target of a cp.async that has not been waited for"
                .formatted(at));
      }
      if (poison && kind.reads() && marks[at] == 0) {
        throw warp.fault(
            FaultKind.UNINITIALISED_MEMORY,
            lane,
            at,
            "shared byte %,d has not been written".formatted(at));
      }
    }
  }

  /** A cp.async to a range begins. */
  void beginCopy(Warp warp, int lane, long address, int bytes) {
    access(warp, lane, address, bytes, AccessKind.WRITE);
    Bytes.mark(marks, (int) address, bytes, IN_FLIGHT);
  }

  /** The copying thread has waited: the bytes are there, for others after a barrier. */
  void endCopy(Warp warp, int lane, int offset, int bytes) {
    Bytes.mark(marks, offset, bytes, DEFINED);
    if (races != null) {
      races.access(warp, lane, offset, bytes, AccessKind.WRITE);
    }
  }
}
