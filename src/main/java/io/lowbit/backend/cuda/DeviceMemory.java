// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** A piece of device memory; closing frees it. New memory holds no defined bytes. */
public interface DeviceMemory extends AutoCloseable {
  /** First byte, aligned to 256 bytes. */
  DevicePointer pointer();

  /** Size in bytes. */
  long bytes();

  /** Frees the memory. Work still queued on it must have finished. */
  @Override
  void close();
}
