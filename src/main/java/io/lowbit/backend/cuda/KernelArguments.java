// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Arguments of a kernel, packed as the CUDA ABI lays parameters out: in order, each aligned to its
 * own size, little-endian, at most 4 KB. Reusable after {@link #clear}. The packed bytes suit
 * {@code CU_LAUNCH_PARAM_BUFFER_POINTER}; with the offsets they suit an array of pointers to
 * arguments.
 */
public final class KernelArguments {
  private static final int CAPACITY = 4096;

  private final ByteBuffer packed =
      ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  private int[] offsets = new int[16];
  private int count;
  private int size;

  /** Appends a device address. */
  public KernelArguments pointer(DevicePointer value) {
    return int64(value.address());
  }

  /** Appends a 64-bit integer, signed or not. */
  public KernelArguments int64(long value) {
    packed.putLong(next(Long.BYTES, Long.BYTES), value);
    return this;
  }

  /** Appends a 32-bit integer, signed or not. */
  public KernelArguments int32(int value) {
    packed.putInt(next(Integer.BYTES, Integer.BYTES), value);
    return this;
  }

  /** Appends a 16-bit integer or the bits of a half. */
  public KernelArguments int16(short value) {
    packed.putShort(next(Short.BYTES, Short.BYTES), value);
    return this;
  }

  /** Appends a byte; a C++ {@code bool} is 0 or 1. */
  public KernelArguments int8(byte value) {
    packed.put(next(1, 1), value);
    return this;
  }

  /** Appends an fp32. */
  public KernelArguments float32(float value) {
    return int32(Float.floatToRawIntBits(value));
  }

  /**
   * Appends a structure passed by value.
   *
   * @param bytes its memory image
   * @param alignment of its widest member, a power of two up to 16
   */
  public KernelArguments struct(MemorySegment bytes, int alignment) {
    int length = Math.toIntExact(bytes.byteSize());
    int offset = next(length, alignment);
    MemorySegment.copy(bytes, 0, MemorySegment.ofBuffer(packed), offset, length);
    return this;
  }

  /** Number of arguments. */
  public int count() {
    return count;
  }

  /** Offset of an argument in {@link #packed}. */
  public int offset(int argument) {
    return offsets[argument];
  }

  /** The packed bytes from position 0 to the limit, read-only, direct; valid until changed. */
  public ByteBuffer packed() {
    return packed.slice(0, size).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A copy of the packed bytes. */
  ByteBuffer copy() {
    return ByteBuffer.allocate(size).put(packed()).flip();
  }

  /** The offsets of all arguments. */
  List<Integer> offsets() {
    return Arrays.stream(offsets, 0, count).boxed().toList();
  }

  /** Takes over what {@link #copy} and {@link #offsets} gave. */
  KernelArguments set(ByteBuffer bytes, List<Integer> starts) {
    clear();
    packed.put(0, bytes, 0, bytes.limit());
    size = bytes.limit();
    offsets = starts.stream().mapToInt(Integer::intValue).toArray();
    count = offsets.length;
    return this;
  }

  /** Forgets all arguments. */
  public KernelArguments clear() {
    count = 0;
    size = 0;
    return this;
  }

  private int next(int bytes, int alignment) {
    int offset = (size + alignment - 1) & -alignment;
    if (offset + bytes > CAPACITY) {
      throw new IllegalStateException(
          "argument %d of %,d bytes ends beyond the %,d bytes that a kernel takes; pass a pointer"
              .formatted(count, bytes, CAPACITY));
    }
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, Math.max(16, 2 * count));
    }
    offsets[count++] = offset;
    size = offset + bytes;
    return offset;
  }
}
