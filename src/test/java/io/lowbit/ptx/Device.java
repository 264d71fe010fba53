// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.DeviceAttributes;

/** The imaginary device: what an A100 offers at most. */
final class Device {
  static final int MULTIPROCESSORS = 108;
  static final int SHARED_BYTES = 48 << 10;
  static final int SHARED_BYTES_OPT_IN = 163 << 10;
  static final int MAX_THREADS = 1024;

  static final DeviceAttributes ATTRIBUTES =
      new DeviceAttributes(
          "PTX interpreter",
          8,
          0,
          12000,
          MULTIPROCESSORS,
          MAX_THREADS,
          SHARED_BYTES,
          SHARED_BYTES_OPT_IN,
          164 << 10,
          65536,
          40 << 20,
          1_410_000,
          1_215_000,
          5120);

  private Device() {}
}
