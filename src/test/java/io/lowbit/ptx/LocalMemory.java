// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/** Local memory of the lanes of a warp, one lane's after the other's. */
final class LocalMemory {
  final int bytes;
  final byte[] data;
  private final byte[] marks;

  LocalMemory(int bytes) {
    this.bytes = bytes;
    data = new byte[32 * bytes];
    marks = new byte[32 * bytes];
  }

  void clear() {
    Arrays.fill(marks, (byte) 0);
  }

  /** Checks a lane's access and gives the offset in {@link #data}. */
  int access(Warp warp, int lane, long address, int size, AccessKind kind) {
    if ((address & (size - 1)) != 0) {
      throw warp.fault(
          FaultKind.MISALIGNED,
          lane,
          address,
          "local address %,d is no multiple of %d".formatted(address, size));
    }
    if (address < 0 || address > bytes - size) {
      throw warp.fault(
          FaultKind.OUT_OF_BOUNDS,
          lane,
          address,
          "%d bytes at local address %,d, but a lane has %,d bytes"
              .formatted(size, address, bytes));
    }
    int offset = lane * bytes + (int) address;
    boolean poison = warp.block.launch.options.poison();
    if (poison && kind.reads() && !Bytes.allOne(marks, offset, size)) {
      throw warp.fault(
          FaultKind.UNINITIALISED_MEMORY,
          lane,
          address,
          "local byte %,d or one of the %d after it has not been written"
              .formatted(address, size - 1));
    }
    if (kind.writes()) {
      Bytes.mark(marks, offset, size, (byte) 1);
    }
    return offset;
  }
}
