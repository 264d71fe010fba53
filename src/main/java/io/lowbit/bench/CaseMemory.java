// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Device memory of one case; closing frees it all. Arrays are allocated to the byte, so that a
 * checking device sees every access outside.
 */
final class CaseMemory implements AutoCloseable {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final byte POISON = (byte) 0xFF;

  private final GpuDriver driver;
  private final List<DeviceMemory> memories = new ArrayList<>();

  CaseMemory(GpuDriver driver) {
    this.driver = driver;
  }

  /** Memory with given bytes. */
  DevicePointer bytes(byte[] values) {
    DevicePointer pointer = allocate(values.length);
    driver.copyToDevice(pointer, MemorySegment.ofArray(values));
    return pointer;
  }

  /** Memory with given integers. */
  DevicePointer ints(int... values) {
    DevicePointer pointer = allocate(4L * values.length);
    driver.copyToDevice(pointer, MemorySegment.ofArray(values));
    return pointer;
  }

  /** Memory with given 64-bit integers. */
  DevicePointer longs(long... values) {
    DevicePointer pointer = allocate(8L * values.length);
    driver.copyToDevice(pointer, MemorySegment.ofArray(values));
    return pointer;
  }

  /** Memory with given fp32 numbers. */
  DevicePointer floats(float... values) {
    DevicePointer pointer = allocate(4L * values.length);
    driver.copyToDevice(pointer, MemorySegment.ofArray(values));
    return pointer;
  }

  /** Memory for results, every byte 0xFF: NaN in all floating point types. */
  DevicePointer poisoned(long bytes) {
    DevicePointer pointer = allocate(bytes);
    driver.fill(pointer, POISON, bytes);
    return pointer;
  }

  /** A matrix of given values, rounded to the type; the padding of its rows is NaN. */
  DeviceMatrix matrix(float[] values, int rows, int columns, DType type) {
    DeviceMatrix matrix = poisonedMatrix(rows, columns, type);
    byte[] bytes = new byte[Math.toIntExact(DeviceMatrix.bytes(rows, columns))];
    MemorySegment segment = MemorySegment.ofArray(bytes).fill(POISON);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        short bits = bits(values[row * columns + column], type);
        segment.set(SHORT, 2L * (row * matrix.stride() + column), bits);
      }
    }
    if (rows > 0) {
      driver.copyToDevice(matrix.data(), segment);
    }
    return matrix;
  }

  /** Values rounded to a 16-bit type, in exactly as many bytes. */
  DevicePointer vector(float[] values, DType type) {
    DevicePointer vector = poisoned(2L * values.length);
    driver.copy(vector, matrix(values, 1, values.length, type).data(), 2L * values.length);
    return vector;
  }

  /** A matrix of NaN. */
  DeviceMatrix poisonedMatrix(int rows, int columns, DType type) {
    long bytes = Math.max(1, DeviceMatrix.bytes(rows, columns));
    return DeviceMatrix.of(poisoned(bytes), rows, columns, type);
  }

  /** The values of a matrix, {@code [rows * columns]}. */
  float[] read(DeviceMatrix matrix) {
    byte[] bytes = readBytes(matrix.data(), 2 * matrix.rows() * matrix.stride());
    MemorySegment segment = MemorySegment.ofArray(bytes);
    float[] values = new float[matrix.rows() * matrix.columns()];
    for (int row = 0; row < matrix.rows(); row++) {
      for (int column = 0; column < matrix.columns(); column++) {
        short bits = segment.get(SHORT, 2L * (row * matrix.stride() + column));
        values[row * matrix.columns() + column] = value(bits, matrix.type());
      }
    }
    return values;
  }

  /** Bytes from a place on, after all queued work. */
  byte[] readBytes(DevicePointer from, int count) {
    driver.synchronize();
    byte[] bytes = new byte[count];
    driver.copyToHost(MemorySegment.ofArray(bytes), from);
    return bytes;
  }

  /** Integers from a place on, after all queued work. */
  int[] readInts(DevicePointer from, int count) {
    driver.synchronize();
    int[] values = new int[count];
    driver.copyToHost(MemorySegment.ofArray(values), from);
    return values;
  }

  /** fp32 numbers from a place on, after all queued work. */
  float[] readFloats(DevicePointer from, int count) {
    driver.synchronize();
    float[] values = new float[count];
    driver.copyToHost(MemorySegment.ofArray(values), from);
    return values;
  }

  /** A value rounded to F16 or BF16. */
  static float round(float value, DType type) {
    return value(bits(value, type), type);
  }

  private static short bits(float value, DType type) {
    return type == DType.F16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
  }

  private static float value(short bits, DType type) {
    return type == DType.F16 ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
  }

  private DevicePointer allocate(long bytes) {
    DeviceMemory memory = driver.allocate(bytes);
    memories.add(memory);
    return memory.pointer();
  }

  @Override
  public void close() {
    driver.synchronize();
    memories.forEach(DeviceMemory::close);
  }
}
