// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * An address in device memory. Only a driver's memory functions and kernels may follow it.
 *
 * @param address as the device sees it, in bytes
 */
public record DevicePointer(long address) {
  /** Points nowhere: what a kernel takes for an absent buffer. */
  public static final DevicePointer NULL = new DevicePointer(0);

  /** The address {@code bytes} further on. */
  public DevicePointer plus(long bytes) {
    return new DevicePointer(address + bytes);
  }

  @Override
  public String toString() {
    return "0x%x".formatted(address);
  }
}
