// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoD;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemsetD8;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Optional;
import java.util.function.Supplier;
import jcuda.driver.CUdevice;

/**
 * The CUDA driver of this machine, on the first GPU that {@code CUDA_VISIBLE_DEVICES} leaves.
 *
 * <p>Copies and fills of the driver itself wait for the whole device before and after: the driver's
 * own order holds only within a stream and against the default stream, and a copy from pageable
 * memory returns before its last bytes have arrived.
 */
public final class JCudaDriver implements GpuDriver {
  // Long copies are split; one piece is long enough to reach the bus's full speed.
  private static final int STAGING_BYTES = 4 << 20;

  private final DeviceAttributes device;
  private final JCudaContext context;
  private final JCudaStream defaultStream;
  private Optional<JCudaMemory.Pinned> staging = Optional.empty();

  private JCudaDriver(CUdevice handle, DeviceAttributes device) {
    this.device = device;
    this.context = new JCudaContext(handle);
    this.defaultStream = JCudaStream.defaultOf(context);
  }

  /**
   * Opens the GPU.
   *
   * @throws IllegalStateException with {@link CudaProbe#sentence} if there is none to use
   * @throws GpuException if it cannot be opened, for instance because another program holds it
   */
  public static JCudaDriver open() {
    CudaProbe probe = CudaProbe.result();
    DeviceAttributes device =
        probe.device().orElseThrow(() -> new IllegalStateException(probe.sentence()));
    return new JCudaDriver(JCudaDevices.first(), device);
  }

  @Override
  public String description() {
    return "%s, compute capability %d.%d, driver for CUDA %s"
        .formatted(device.name(), device.major(), device.minor(), device.driverText());
  }

  @Override
  public DeviceAttributes device() {
    return device;
  }

  @Override
  public MemoryState memory() {
    context.enter();
    long[] free = new long[1];
    long[] total = new long[1];
    JCudaContext.check(cuMemGetInfo(free, total), () -> "asking for the free memory");
    return new MemoryState(free[0], total[0]);
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    return new JCudaMemory.Device(context, bytes);
  }

  @Override
  public PinnedMemory allocatePinned(long bytes) {
    return new JCudaMemory.Pinned(context, bytes);
  }

  @Override
  public void copyToDevice(DevicePointer to, MemorySegment from) {
    context.synchronize();
    long bytes = from.byteSize();
    Supplier<String> doing = () -> "copying %,d bytes to %s".formatted(bytes, to);
    if (isPlain(from)) {
      requireAlive(from);
      if (bytes > 0) {
        upload(to, from, doing);
      }
    } else {
      MemorySegment buffer = staging();
      for (long done = 0; done < bytes; done += STAGING_BYTES) {
        long length = Math.min(STAGING_BYTES, bytes - done);
        MemorySegment.copy(from, done, buffer, 0, length);
        upload(to.plus(done), buffer.asSlice(0, length), doing);
      }
    }
    context.synchronize();
  }

  private static void upload(DevicePointer to, MemorySegment from, Supplier<String> doing) {
    RawPointer.Host source = new RawPointer.Host(from.address());
    try {
      JCudaContext.check(cuMemcpyHtoD(new RawPointer.Device(to), source, from.byteSize()), doing);
    } finally {
      Reference.reachabilityFence(from);
    }
  }

  @Override
  public void copyToHost(MemorySegment to, DevicePointer from) {
    if (to.isReadOnly()) {
      throw new IllegalArgumentException("the host memory to copy to is read-only");
    }
    context.synchronize();
    long bytes = to.byteSize();
    Supplier<String> doing = () -> "copying %,d bytes from %s".formatted(bytes, from);
    if (isPlain(to)) {
      requireAlive(to);
      if (bytes > 0) {
        download(to, from, doing);
      }
      return;
    }
    MemorySegment buffer = staging();
    for (long done = 0; done < bytes; done += STAGING_BYTES) {
      long length = Math.min(STAGING_BYTES, bytes - done);
      download(buffer.asSlice(0, length), from.plus(done), doing);
      MemorySegment.copy(buffer, 0, to, done, length);
    }
  }

  private static void download(MemorySegment to, DevicePointer from, Supplier<String> doing) {
    RawPointer.Host target = new RawPointer.Host(to.address());
    try {
      JCudaContext.check(cuMemcpyDtoH(target, new RawPointer.Device(from), to.byteSize()), doing);
    } finally {
      Reference.reachabilityFence(to);
    }
  }

  /**
   * Whether the driver may be given the address. Not for the heap, which moves; and not for mapped
   * files: one that has been cut short would end the process inside the driver, where Java turns it
   * into an error.
   */
  private static boolean isPlain(MemorySegment segment) {
    return segment.isNative() && !segment.isMapped();
  }

  private static void requireAlive(MemorySegment segment) {
    if (!segment.scope().isAlive()) {
      throw new IllegalStateException("the host memory to copy has been released");
    }
  }

  private MemorySegment staging() {
    if (staging.isEmpty()) {
      staging = Optional.of(new JCudaMemory.Pinned(context, STAGING_BYTES));
    }
    return staging.get().segment();
  }

  @Override
  public void copy(DevicePointer to, DevicePointer from, long bytes) {
    context.synchronize();
    if (bytes > 0) {
      JCudaContext.check(
          cuMemcpyDtoD(new RawPointer.Device(to), new RawPointer.Device(from), bytes),
          () -> "copying %,d bytes from %s to %s".formatted(bytes, from, to));
    }
    context.synchronize();
  }

  @Override
  public void fill(DevicePointer to, byte value, long bytes) {
    context.synchronize();
    if (bytes > 0) {
      JCudaContext.check(
          cuMemsetD8(new RawPointer.Device(to), value, bytes),
          () -> "filling %,d bytes at %s".formatted(bytes, to));
    }
    context.synchronize();
  }

  @Override
  public GpuModule load(String name, String ptx) {
    return new JCudaModule(context, name, ptx);
  }

  @Override
  public GpuStream defaultStream() {
    return defaultStream;
  }

  @Override
  public GpuStream newStream() {
    return JCudaStream.create(context);
  }

  @Override
  public GpuEvent newEvent() {
    return new JCudaEvent(context);
  }

  @Override
  public void synchronize() {
    context.synchronize();
  }

  @Override
  public void close() {
    if (!context.isClosed()) {
      staging.ifPresent(JCudaMemory.Pinned::close);
      staging = Optional.empty();
      context.close();
    }
  }
}
