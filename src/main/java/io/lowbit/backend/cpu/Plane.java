// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.lowbit.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Off-heap numbers {@code [panels][depth][WIDTH]}: weights, scales or minima of type F32, F16, BF16
 * or I8.
 */
record Plane(DType type, int depth, MemorySegment data) {
  private static final int WIDTH = Lanes.WIDTH;

  static Plane allocate(Arena arena, DType type, int panels, int depth) {
    return new Plane(type, depth, arena.allocate((long) panels * depth * WIDTH * type.bytes(), 64));
  }

  long bytes() {
    return data.byteSize();
  }

  private long offset(int panel, int row) {
    return ((long) panel * depth + row) * WIDTH * type.bytes();
  }

  /** Stores one value, which the type must hold exactly. */
  void set(int panel, int row, int lane, float value) {
    long at = offset(panel, row) + (long) lane * type.bytes();
    switch (type) {
      case F32 -> data.set(JAVA_FLOAT, at, value);
      case I8 -> data.set(JAVA_BYTE, at, (byte) value);
      default -> data.set(JAVA_SHORT, at, Rounding.narrow(type, value));
    }
  }

  /** Reads {@code count} rows of lanes as fp32. */
  void read(int panel, int row, int count, float[] into, int at, Scratch scratch) {
    long offset = offset(panel, row);
    int values = count * WIDTH;
    switch (type) {
      case F32 -> MemorySegment.copy(data, JAVA_FLOAT, offset, into, at, values);
      case I8 -> {
        for (int i = 0; i < values; i++) {
          into[at + i] = data.get(JAVA_BYTE, offset + i);
        }
      }
      default -> {
        MemorySegment.copy(data, JAVA_SHORT, offset, scratch.halves, 0, values);
        Rounding.widen(type, scratch.halves, 0, into, at, values);
      }
    }
  }
}
