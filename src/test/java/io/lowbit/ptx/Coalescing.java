// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** Sectors that a warp instruction touches in global memory. */
final class Coalescing {
  /** A set of at most 32 numbers that mostly come in ascending order. */
  private static final class Places {
    private final long[] values = new long[32];
    private int count;
    private boolean ascending;

    void clear() {
      count = 0;
      ascending = true;
    }

    void add(long value) {
      if (count > 0) {
        long latest = values[count - 1];
        if (latest == value) {
          return;
        }
        if (!ascending || value < latest) {
          ascending = false;
          if (contains(value)) {
            return;
          }
        }
      }
      values[count++] = value;
    }

    private boolean contains(long value) {
      for (int i = 0; i < count; i++) {
        if (values[i] == value) {
          return true;
        }
      }
      return false;
    }
  }

  private final Places sectors = new Places();
  private final Places places = new Places();
  private int bytes;

  /** Counts for aligned accesses of 1 to 16 bytes, each of which lies in one sector. */
  void count(long[] address, int mask, int accessBytes) {
    sectors.clear();
    places.clear();
    bytes = accessBytes;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      long at = address[Integer.numberOfTrailingZeros(rest)];
      sectors.add(at >>> 5);
      places.add(at);
    }
  }

  int sectors() {
    return sectors.count;
  }

  /** Sectors that the distinct bytes would fill. */
  int ideal() {
    return (places.count * bytes + Counters.SECTOR_BYTES - 1) / Counters.SECTOR_BYTES;
  }
}
