// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;

/**
 * The part of the CUDA driver interface that Lowbit uses, on one device. Host memory is given as
 * {@link MemorySegment}s; their whole size is copied, so slice them. All methods throw {@link
 * GpuException} when the driver does. Objects of one driver must not be given to another. One
 * thread at a time.
 */
public interface GpuDriver extends AutoCloseable {
  /** One line for logs: driver and version, device. */
  String description();

  /** What the device is. */
  DeviceAttributes device();

  /** Free and total memory now. */
  MemoryState memory();

  /**
   * Allocates device memory.
   *
   * @param bytes more than zero
   */
  DeviceMemory allocate(long bytes);

  /**
   * Allocates page-locked host memory.
   *
   * @param bytes more than zero
   */
  PinnedMemory allocatePinned(long bytes);

  /** Copies host memory to the device, after all queued work, and waits for the copy. */
  void copyToDevice(DevicePointer to, MemorySegment from);

  /** Copies device memory to the host, after all queued work, and waits for the copy. */
  void copyToHost(MemorySegment to, DevicePointer from);

  /** Copies within the device, after all queued work; the ranges must not overlap. */
  void copy(DevicePointer to, DevicePointer from, long bytes);

  /** Sets every byte of a range to one value, after all queued work. */
  void fill(DevicePointer to, byte value, long bytes);

  /**
   * Compiles and loads PTX.
   *
   * @param name for messages
   * @param ptx the text
   * @throws GpuException with the compiler's log if it does not compile
   */
  GpuModule load(String name, String ptx);

  /** The stream that is always there; closing it does nothing. */
  GpuStream defaultStream();

  /** A new stream, which does not wait for the default stream. */
  GpuStream newStream();

  /** A new event with no mark yet. */
  GpuEvent newEvent();

  /**
   * Waits for all queued work of all streams.
   *
   * @throws GpuException if any of it failed
   */
  void synchronize();

  /** Releases the device; memory, modules, streams and events become invalid. */
  @Override
  void close();
}
