// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.DeviceAttributes;

/** The imaginary device: an A100, with the shared memory that every GPU from 8.0 on has. */
final class Device {
  static final int MULTIPROCESSORS = 108;
  static final int SHARED_BYTES = 48 << 10;
  static final int SHARED_BYTES_OPT_IN = 99 << 10;
  static final int MAX_THREADS = 1024;

  private Device() {}

  static DeviceAttributes attributes(int multiprocessors) {
    return new DeviceAttributes(
        "PTX interpreter",
        8,
        0,
        12000,
        multiprocessors,
        MAX_THREADS,
        SHARED_BYTES,
        SHARED_BYTES_OPT_IN,
        100 << 10,
        65536,
        40 << 20,
        1_410_000,
        1_215_000,
        5120);
  }
}
