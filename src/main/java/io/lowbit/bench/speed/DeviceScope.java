// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/** What one measurement holds on a device; closing waits for all work and frees it. */
final class DeviceScope implements AutoCloseable {
  private final Kernels kernels;
  private final Deque<AutoCloseable> held = new ArrayDeque<>();

  DeviceScope(Kernels kernels) {
    this.kernels = kernels;
  }

  GpuDriver driver() {
    return kernels.driver();
  }

  /** The stream of all work. */
  GpuStream stream() {
    return kernels.stream();
  }

  /** Closes a thing with the scope. */
  <T extends AutoCloseable> T keep(T thing) {
    held.push(thing);
    return thing;
  }

  /** Memory of undefined content. */
  DeviceMemory allocate(long bytes) {
    return keep(driver().allocate(bytes));
  }

  /** A matrix of undefined content. */
  DeviceMatrix matrix(int rows, int columns, DType type) {
    DevicePointer data = allocate(DeviceMatrix.bytes(rows, columns)).pointer();
    return DeviceMatrix.of(data, rows, columns, type);
  }

  /** fp32 numbers. */
  DevicePointer floats(float[] values) {
    DevicePointer pointer = allocate(4L * values.length).pointer();
    driver().copyToDevice(pointer, MemorySegment.ofArray(values));
    return pointer;
  }

  /** A matrix whose rows are those of a block, again and again. */
  DeviceMatrix repeated(Normals block, int rows) {
    DeviceMatrix matrix = matrix(rows, block.columns(), block.type());
    fill(matrix, block);
    return matrix;
  }

  /** Fills a matrix with the rows of a block, again and again. */
  void fill(DeviceMatrix matrix, Normals block) {
    int first = Math.min(matrix.rows(), block.rows());
    driver().copyToDevice(matrix.data(), block.bits(matrix.stride(), first));
    repeat(matrix.data(), 2L * first * matrix.stride(), 2L * matrix.rows() * matrix.stride());
  }

  /** Goes on with the first {@code period} bytes until {@code bytes} are filled. */
  void repeat(DevicePointer data, long period, long bytes) {
    for (long done = period; done < bytes; ) {
      long length = Math.min(done, bytes - done);
      driver().copy(data.plus(done), data, length);
      done += length;
    }
  }

  @Override
  public void close() {
    kernels.synchronize();
    while (!held.isEmpty()) {
      try {
        held.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("what a measurement held could not be freed", e);
      }
    }
  }
}
