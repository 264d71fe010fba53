// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.GpuException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Device memory as allocations far apart, so that an address outside one is not inside another.
 * Addresses are never used again.
 */
final class GlobalMemory {
  /** Distance of allocations; more than any kernel is off by. */
  private static final long SPACING = 1L << 31;

  /** Bases are multiples of 256 and of nothing more, as CUDA promises no more. */
  private static final long OFFSET = 256;

  private final TreeMap<Long, Allocation> allocations = new TreeMap<>();
  private final long capacity;
  private long next = SPACING;
  private long used;
  private int nextStamp = 1;

  GlobalMemory(long capacity) {
    this.capacity = capacity;
  }

  long capacity() {
    return capacity;
  }

  long free() {
    return capacity - used;
  }

  Allocation allocate(long bytes, String what, boolean readOnly) {
    if (bytes <= 0 || bytes > Integer.MAX_VALUE - 64) {
      throw new GpuException(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "allocating %,d bytes".formatted(bytes));
    }
    if (bytes > free()) {
      throw new GpuException(
          GpuException.OUT_OF_MEMORY,
          "CUDA_ERROR_OUT_OF_MEMORY",
          "allocating %,d bytes with %,d of %,d free".formatted(bytes, free(), capacity));
    }
    Allocation allocation = new Allocation(next + OFFSET, (int) bytes, what, readOnly);
    next += SPACING;
    used += bytes;
    allocations.put(allocation.base, allocation);
    return allocation;
  }

  void free(Allocation allocation) {
    if (allocation.freed) {
      throw new GpuException(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "freeing %s a second time".formatted(allocation));
    }
    allocation.freed = true;
    used -= allocation.size;
    // The bytes go; the range stays known so that a late access can be named.
    allocations.put(allocation.base, tombstone(allocation));
  }

  private static Allocation tombstone(Allocation allocation) {
    Allocation empty = new Allocation(allocation.base, 0, allocation.toString(), true);
    empty.freed = true;
    return empty;
  }

  /** The allocation at or before an address, null if there is none. */
  Allocation before(long address) {
    Map.Entry<Long, Allocation> entry = allocations.floorEntry(address);
    return entry == null ? null : entry.getValue();
  }

  /** The live allocation that holds a range, null if there is none. */
  Allocation holding(long address, long bytes) {
    Allocation allocation = before(address);
    if (allocation == null
        || allocation.freed
        || bytes < 0
        || address - allocation.base > allocation.size - bytes) {
      return null;
    }
    return allocation;
  }

  /** The live allocation that holds a range that the host names. */
  Allocation hostRange(long address, long bytes, String doing) {
    Allocation allocation = holding(address, bytes);
    if (allocation == null) {
      Allocation near = before(address);
      throw new GpuException(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "%s of %,d bytes at 0x%x, which no allocation holds%s"
              .formatted(
                  doing,
                  bytes,
                  address,
                  near == null
                      ? ""
                      : "; nearest: %s%s".formatted(near, near.freed ? ", freed" : "")));
    }
    return allocation;
  }

  int nextStamp() {
    return nextStamp;
  }

  /** Stamps below a number are from earlier launches from now on. */
  void useStamps(int upTo) {
    nextStamp = upTo;
    if (nextStamp > Integer.MAX_VALUE / 2) {
      nextStamp = 1;
      allocations.values().forEach(Allocation::forgetStamps);
    }
  }
}
