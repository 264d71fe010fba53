// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Device memory that is used again: freed pieces are kept by size and lent by rising address, so
 * that passes of one shape find their buffers at the same places. Since all work is queued in
 * order, a piece may be lent before the work that used it has run.
 */
final class DeviceHeap implements AutoCloseable {
  private static final Comparator<DeviceMemory> BY_ADDRESS =
      Comparator.comparingLong(memory -> memory.pointer().address());
  private static final long UNIT = 256;
  private static final long MEBIBYTE = 1 << 20;

  private final Kernels kernels;
  private final Map<Long, Queue<DeviceMemory>> free = new HashMap<>();

  DeviceHeap(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Lends memory; closing it gives it back. Its content is undefined.
   *
   * @param what it is for, for messages
   * @throws GpuException {@link GpuException#OUT_OF_MEMORY} with what was needed and what was free
   */
  DeviceMemory take(long bytes, String what) {
    long size = Math.max(1, Math.ceilDiv(bytes, UNIT)) * UNIT;
    Queue<DeviceMemory> fitting = free.get(size);
    if (fitting != null && !fitting.isEmpty()) {
      return new Lent(fitting.remove(), size);
    }
    try {
      return new Lent(kernels.driver().allocate(size), size);
    } catch (GpuException e) {
      if (e.code() != GpuException.OUT_OF_MEMORY || isEmpty()) {
        throw explained(kernels.driver(), e, size, what);
      }
    }
    trim();
    try {
      return new Lent(kernels.driver().allocate(size), size);
    } catch (GpuException e) {
      throw explained(kernels.driver(), e, size, what);
    }
  }

  private boolean isEmpty() {
    return free.values().stream().allMatch(Queue::isEmpty);
  }

  /** Gives pieces that nobody uses back to the driver. */
  void trim() {
    kernels.synchronize();
    free.values().forEach(pieces -> pieces.forEach(DeviceMemory::close));
    free.clear();
  }

  /**
   * Allocates memory that is freed when it is closed, after all work queued by then.
   *
   * @param what as in {@link #take}, whose message this gives too
   */
  static DeviceMemory allocate(Kernels kernels, long bytes, String what) {
    try {
      return new Owned(kernels, kernels.driver().allocate(bytes));
    } catch (GpuException e) {
      throw explained(kernels.driver(), e, bytes, what);
    }
  }

  private record Owned(Kernels kernels, DeviceMemory memory) implements DeviceMemory {
    @Override
    public DevicePointer pointer() {
      return memory.pointer();
    }

    @Override
    public long bytes() {
      return memory.bytes();
    }

    @Override
    public void close() {
      kernels.synchronize();
      memory.close();
    }
  }

  /** The failure itself, or, if memory was short, one that says how much and for what. */
  static GpuException explained(GpuDriver driver, GpuException e, long bytes, String what) {
    if (e.code() != GpuException.OUT_OF_MEMORY) {
      return e;
    }
    MemoryState state = driver.memory();
    return new GpuException(
        e.code(),
        e.codeName(),
        "%,d MiB for %s are not free: the GPU has %,d MiB of %,d MiB left"
            .formatted(
                Math.ceilDiv(bytes, MEBIBYTE),
                what,
                state.freeBytes() / MEBIBYTE,
                state.totalBytes() / MEBIBYTE));
  }

  @Override
  public void close() {
    trim();
  }

  /** A piece on loan. */
  private final class Lent implements DeviceMemory {
    private final DeviceMemory memory;
    private final long size;
    private boolean returned;

    Lent(DeviceMemory memory, long size) {
      this.memory = memory;
      this.size = size;
    }

    @Override
    public DevicePointer pointer() {
      if (returned) {
        throw new IllegalStateException("device memory is used after it was closed");
      }
      return memory.pointer();
    }

    @Override
    public long bytes() {
      return memory.bytes();
    }

    @Override
    public void close() {
      if (!returned) {
        returned = true;
        free.computeIfAbsent(size, s -> new PriorityQueue<>(BY_ADDRESS)).add(memory);
      }
    }
  }
}
