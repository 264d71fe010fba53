// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.util.Arrays;

/** A piece of global or constant memory with what is known about each byte. */
final class Allocation {
  final long base;
  final int size;
  final byte[] data;
  final String what;
  final boolean readOnly;
  boolean freed;

  /** 1 for each byte that has been written; null once all are. */
  byte[] defined;

  /**
   * For each word the stamp of its last writer, plain or strong, and of up to two readers, and the
   * bytes that each of them touched.
   */
  volatile int[] writer;

  volatile byte[] writtenBytes;
  volatile int[] firstReader;
  volatile int[] secondReader;
  volatile byte[] firstBytes;
  volatile byte[] secondBytes;
  volatile int[] strong;

  Allocation(long base, int size, String what, boolean readOnly) {
    this.base = base;
    this.size = size;
    this.what = what;
    this.readOnly = readOnly;
    data = new byte[size];
    // NaN in every float format, so that what no kernel writes is not mistaken for a result.
    Arrays.fill(data, (byte) 0xFF);
    defined = new byte[size];
  }

  void define(int offset, int bytes) {
    if (defined != null) {
      if (bytes == size) {
        defined = null;
      } else {
        Bytes.mark(defined, offset, bytes, (byte) 1);
      }
    }
  }

  int words() {
    return (size + 3) / 4;
  }

  void forgetStamps() {
    writer = null;
    writtenBytes = null;
    firstReader = null;
    secondReader = null;
    firstBytes = null;
    secondBytes = null;
    strong = null;
  }

  @Override
  public String toString() {
    return "%s of %,d bytes at 0x%x".formatted(what, size, base);
  }
}
