// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Buffer;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Activations in device memory. */
final class CudaBuffer implements Buffer {
  private final Kernels kernels;
  private final DeviceMemory memory;
  private final DeviceMatrix matrix;
  private long version;

  CudaBuffer(Kernels kernels, DeviceHeap heap, int rows, int columns, DType type) {
    this.kernels = kernels;
    this.memory =
        heap.take(
            DeviceMatrix.bytes(rows, columns), "%,d x %,d activations".formatted(rows, columns));
    this.matrix = DeviceMatrix.of(memory.pointer(), rows, columns, type);
  }

  /** The values, to be read. */
  DeviceMatrix matrix() {
    memory.pointer();
    return matrix;
  }

  /** The values, to be changed: what was derived from them becomes stale. */
  DeviceMatrix changing() {
    version++;
    return matrix();
  }

  /** Grows with every change. */
  long version() {
    return version;
  }

  @Override
  public int rows() {
    return matrix.rows();
  }

  @Override
  public int columns() {
    return matrix.columns();
  }

  @Override
  public DType type() {
    return matrix.type();
  }

  @Override
  public void read(int row, float[] into, int offset) {
    short[] bits = new short[columns()];
    kernels.synchronize();
    DevicePointer from = matrix().rows(row, 1).data();
    kernels.driver().copyToHost(MemorySegment.ofArray(bits), from);
    for (int i = 0; i < bits.length; i++) {
      into[offset + i] =
          type() == DType.F16 ? Float.float16ToFloat(bits[i]) : BFloat16.toFloat(bits[i]);
    }
  }

  @Override
  public void write(int row, float[] from, int offset) {
    short[] bits = new short[columns()];
    for (int i = 0; i < bits.length; i++) {
      float value = from[offset + i];
      bits[i] = type() == DType.F16 ? Float.floatToFloat16(value) : BFloat16.fromFloat(value);
    }
    kernels.synchronize();
    kernels.driver().copyToDevice(changing().rows(row, 1).data(), MemorySegment.ofArray(bits));
  }

  @Override
  public void close() {
    memory.close();
  }
}
