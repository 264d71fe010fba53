// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/**
 * Shapes of loops over the 32 lanes. A loop may compute inactive lanes too; they are not stored.
 */
final class LaneLoops {
  static final int LANES = 32;

  private LaneLoops() {}

  /** 32-bit results of 32-bit sources; unused sources repeat an earlier one. */
  interface Loop32 {
    void run(int[] d, int[] a, int[] b, int[] c);
  }

  /** 64-bit results of 64-bit sources. */
  interface Loop64 {
    void run(long[] d, long[] a, long[] b, long[] c);
  }

  /** 64-bit results of two 32-bit sources and a 64-bit one. */
  interface Widening {
    void run(long[] d, int[] a, int[] b, long[] c);
  }

  /** 32-bit results of 64-bit sources. */
  interface Narrowing {
    void run(int[] d, long[] a, long[] b);
  }

  /** 64-bit results of a 64-bit and a 32-bit source. */
  interface Shifting {
    void run(long[] d, long[] a, int[] b);
  }

  /** A mask of lanes from 32-bit sources. */
  interface Test32 {
    int run(int[] a, int[] b);
  }

  /** A mask of lanes from 64-bit sources. */
  interface Test64 {
    int run(long[] a, long[] b);
  }

  /** One lane of a 32-bit operation. */
  interface Lane32 {
    int apply(int a, int b, int c);
  }

  /** One lane of a 64-bit operation. */
  interface Lane64 {
    long apply(long a, long b, long c);
  }

  static Loop32 each(Lane32 lane) {
    return (d, a, b, c) -> {
      for (int l = 0; l < LANES; l++) {
        d[l] = lane.apply(a[l], b[l], c[l]);
      }
    };
  }

  static Loop64 each64(Lane64 lane) {
    return (d, a, b, c) -> {
      for (int l = 0; l < LANES; l++) {
        d[l] = lane.apply(a[l], b[l], c[l]);
      }
    };
  }

  static void merge(int[] d, int[] from, int mask) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int l = Integer.numberOfTrailingZeros(rest);
      d[l] = from[l];
    }
  }

  static void merge(long[] d, long[] from, int mask) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int l = Integer.numberOfTrailingZeros(rest);
      d[l] = from[l];
    }
  }
}
