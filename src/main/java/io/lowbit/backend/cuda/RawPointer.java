// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;

/**
 * JCuda's pointer types with addresses that can be given and read. Its native side takes a
 * pointer's base address plus its byte offset, so a device address goes in as an offset from zero,
 * the one thing that {@link CUdeviceptr} lets a subclass set.
 */
final class RawPointer {
  private RawPointer() {}

  /** An address in device memory. */
  static final class Device extends CUdeviceptr {
    /** For a result. */
    Device() {}

    Device(long address) {
      super(new CUdeviceptr(), address);
    }

    Device(DevicePointer pointer) {
      this(pointer.address());
    }

    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** A stream, whose handle other libraries of CUDA take too. */
  static final class Stream extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  /** An address in host memory outside the heap. */
  static final class Host extends Pointer {
    /** For a result. */
    Host() {}

    Host(long address) {
      super(address);
    }

    long address() {
      return getNativePointer() + getByteOffset();
    }
  }
}
