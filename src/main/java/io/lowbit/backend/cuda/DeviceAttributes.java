// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * What a device is.
 *
 * @param name as the driver gives it, such as {@code NVIDIA H200}
 * @param major first part of the compute capability, such as 9
 * @param minor second part of the compute capability
 * @param driverVersion CUDA version of the driver, 1000 * major + 10 * minor, such as 12080
 * @param multiprocessors number of multiprocessors
 * @param maxThreadsPerBlock most threads of a block
 * @param maxSharedBytesPerBlock most shared memory of a block without asking for more
 * @param maxSharedBytesPerBlockOptIn most shared memory of a block after {@link
 *     GpuFunction#allowSharedBytes}
 * @param sharedBytesPerMultiprocessor shared memory that the blocks of a multiprocessor share
 * @param registersPerMultiprocessor 32-bit registers that the blocks of a multiprocessor share
 * @param l2Bytes size of the L2 cache
 * @param clockKilohertz highest clock of the multiprocessors
 * @param memoryClockKilohertz highest clock of the memory
 * @param memoryBusBits width of the memory bus
 */
public record DeviceAttributes(
    String name,
    int major,
    int minor,
    int driverVersion,
    int multiprocessors,
    int maxThreadsPerBlock,
    int maxSharedBytesPerBlock,
    int maxSharedBytesPerBlockOptIn,
    int sharedBytesPerMultiprocessor,
    int registersPerMultiprocessor,
    long l2Bytes,
    int clockKilohertz,
    int memoryClockKilohertz,
    int memoryBusBits) {

  /** Compute capability as one number, such as 80 or 90. */
  public int capability() {
    return 10 * major + minor;
  }

  /** The driver's CUDA version as people write it, such as {@code 12.8}. */
  public String driverText() {
    return "%d.%d".formatted(driverVersion / 1000, driverVersion % 1000 / 10);
  }
}
