// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * A queue of device work that runs in order. Every method returns before the work has finished;
 * failures of the work may be thrown by a later call.
 */
public interface GpuStream extends AutoCloseable {
  /**
   * Queues a copy from the host.
   *
   * @param to device memory
   * @param from the first {@code bytes} of pinned memory from {@code fromOffset}, unchanged until
   *     the copy has finished
   */
  void copyToDevice(DevicePointer to, PinnedMemory from, long fromOffset, long bytes);

  /** Queues a copy to the host; the pinned memory is undefined until the copy has finished. */
  void copyToHost(PinnedMemory to, long toOffset, DevicePointer from, long bytes);

  /** Queues a copy within the device; the ranges must not overlap. */
  void copy(DevicePointer to, DevicePointer from, long bytes);

  /** Queues setting every byte of a range to one value. */
  void fill(DevicePointer to, byte value, long bytes);

  /**
   * Queues a kernel. The arguments are copied; the caller may change them at once.
   *
   * @throws GpuException if geometry or resources are impossible, or earlier work failed
   */
  void launch(GpuFunction function, LaunchShape shape, KernelArguments arguments);

  /** Sets an event's mark at this point of the queue. */
  void record(GpuEvent event);

  /** Lets the work queued from now on wait for an event's last recorded mark. */
  void waitFor(GpuEvent event);

  /**
   * Waits until all queued work has finished.
   *
   * @throws GpuException if any of it failed
   */
  void synchronize();

  /** From now on work is recorded instead of run. The default stream cannot be captured. */
  void beginCapture();

  /** Ends the recording and instantiates what was recorded. */
  GpuGraph endCapture();

  @Override
  void close();
}
