// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in byte arrays, and marks of one byte per byte of memory. */
final class Bytes {
  static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ALL_ONE = 0x0101_0101_0101_0101L;

  private Bytes() {}

  /** Whether all marks of a range are 1. */
  static boolean allOne(byte[] marks, int offset, int bytes) {
    return switch (bytes) {
      case 1 -> marks[offset] == 1;
      case 2 -> (short) SHORT.get(marks, offset) == (short) ALL_ONE;
      case 4 -> (int) INT.get(marks, offset) == (int) ALL_ONE;
      case 8 -> (long) LONG.get(marks, offset) == ALL_ONE;
      case 16 ->
          (long) LONG.get(marks, offset) == ALL_ONE
              && (long) LONG.get(marks, offset + 8) == ALL_ONE;
      default -> slowAllOne(marks, offset, bytes);
    };
  }

  private static boolean slowAllOne(byte[] marks, int offset, int bytes) {
    for (int i = 0; i < bytes; i++) {
      if (marks[offset + i] != 1) {
        return false;
      }
    }
    return true;
  }

  /** Sets all marks of a range. */
  static void mark(byte[] marks, int offset, int bytes, byte value) {
    for (int i = 0; i < bytes; i++) {
      marks[offset + i] = value;
    }
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  static long get(byte[] data, int offset, int bytes) {
    return switch (bytes) {
      case 1 -> data[offset] & 0xFF;
      case 2 -> (short) SHORT.get(data, offset) & 0xFFFF;
      case 4 -> (int) INT.get(data, offset) & 0xFFFF_FFFFL;
      default -> (long) LONG.get(data, offset);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes of a number. */
  static void put(byte[] data, int offset, int bytes, long value) {
    switch (bytes) {
      case 1 -> data[offset] = (byte) value;
      case 2 -> SHORT.set(data, offset, (short) value);
      case 4 -> INT.set(data, offset, (int) value);
      default -> LONG.set(data, offset, value);
    }
  }
}
