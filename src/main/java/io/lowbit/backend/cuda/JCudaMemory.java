// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;

import java.lang.foreign.MemorySegment;

/** Memory that the driver allocates. */
final class JCudaMemory {
  private JCudaMemory() {}

  private static void requirePositive(long bytes) {
    if (bytes < 1) {
      throw new GpuException(
          GpuException.INVALID_VALUE,
          JCudaContext.name(GpuException.INVALID_VALUE),
          "allocating %,d bytes".formatted(bytes));
    }
  }

  /** Memory of the device. */
  static final class Device implements DeviceMemory {
    private final JCudaContext context;
    private final DevicePointer pointer;
    private final long bytes;
    private boolean closed;

    Device(JCudaContext context, long bytes) {
      requirePositive(bytes);
      context.enter();
      RawPointer.Device result = new RawPointer.Device();
      JCudaContext.check(
          cuMemAlloc(result, bytes), () -> "allocating %,d bytes on the device".formatted(bytes));
      this.context = context;
      this.pointer = new DevicePointer(result.address());
      this.bytes = bytes;
    }

    @Override
    public DevicePointer pointer() {
      return pointer;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void close() {
      if (closed || context.isClosed()) {
        return;
      }
      context.enter();
      closed = true;
      context.checkWait(
          cuMemFree(new RawPointer.Device(pointer)),
          "freeing %,d bytes of the device at %s".formatted(bytes, pointer));
    }
  }

  /** Page-locked memory of the host. */
  static final class Pinned implements PinnedMemory {
    private final JCudaContext context;
    private final MemorySegment segment;
    private boolean closed;

    @SuppressWarnings("restricted") // the driver has allocated as many bytes there
    Pinned(JCudaContext context, long bytes) {
      requirePositive(bytes);
      context.enter();
      RawPointer.Host result = new RawPointer.Host();
      JCudaContext.check(
          cuMemHostAlloc(result, bytes, 0),
          () -> "allocating %,d bytes of page-locked memory".formatted(bytes));
      this.context = context;
      this.segment = MemorySegment.ofAddress(result.address()).reinterpret(bytes);
    }

    @Override
    public MemorySegment segment() {
      return segment;
    }

    @Override
    public void close() {
      if (closed || context.isClosed()) {
        return;
      }
      context.enter();
      closed = true;
      context.checkWait(
          cuMemFreeHost(new RawPointer.Host(segment.address())),
          "freeing %,d bytes of page-locked memory".formatted(segment.byteSize()));
    }
  }
}
