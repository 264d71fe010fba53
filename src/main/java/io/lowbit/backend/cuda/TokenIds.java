// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** The token ids of the present pass on the device, always at the same address unless it grows. */
final class TokenIds implements AutoCloseable {
  private static final int FEWEST = 1024;

  private final Kernels kernels;
  private Optional<DeviceMemory> memory = Optional.empty();

  TokenIds(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Copies ids over; the last ones are overwritten once the work queued with them has run. */
  DevicePointer upload(int[] ids) {
    long bytes = 4L * Math.max(FEWEST, ids.length);
    if (memory.isEmpty() || memory.get().bytes() < bytes) {
      close();
      memory = Optional.of(DeviceHeap.allocate(kernels, bytes, "token ids"));
    }
    kernels.synchronize();
    kernels.driver().copyToDevice(memory.get().pointer(), MemorySegment.ofArray(ids));
    return memory.get().pointer();
  }

  @Override
  public void close() {
    memory.ifPresent(DeviceMemory::close);
    memory = Optional.empty();
  }
}
