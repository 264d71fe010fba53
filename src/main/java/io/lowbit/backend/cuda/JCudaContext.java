// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;

import java.util.Optional;
import java.util.function.Supplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;

/** The device's primary context, made current for whichever thread calls, and its return codes. */
final class JCudaContext implements AutoCloseable {
  // JCuda's native code returns it where it cannot read its own objects.
  private static final int JCUDA_INTERNAL_ERROR = 0x80000001;

  private final CUdevice device;
  private final CUcontext context = new CUcontext();
  private Optional<Thread> current = Optional.empty();
  private String lastLaunch = "";
  private boolean closed;

  JCudaContext(CUdevice device) {
    this.device = device;
    check(cuDevicePrimaryCtxRetain(context, device), () -> "opening the device");
    enter();
  }

  /**
   * Makes the context current: to be called before every call of the driver, as threads do not
   * share what is current.
   *
   * @throws GpuException with {@link GpuException#INVALID_HANDLE} if the driver is closed
   */
  void enter() {
    if (closed) {
      throw new GpuException(
          GpuException.INVALID_HANDLE, name(GpuException.INVALID_HANDLE), "using a closed driver");
    }
    Thread caller = Thread.currentThread();
    // A virtual thread may have moved to another carrier since.
    if (current.isEmpty() || !current.get().equals(caller) || caller.isVirtual()) {
      check(cuCtxSetCurrent(context), () -> "making the device current");
      current = Optional.of(caller);
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Throws if a call of the driver failed. */
  static void check(int code, Supplier<String> doing) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw new GpuException(code, name(code), doing.get());
    }
  }

  /** Throws if waiting failed, naming the last kernel, as the failure may be an earlier one's. */
  void checkWait(int code, String what) {
    check(code, () -> lastLaunch.isEmpty() ? what : what + ", last queued " + lastLaunch);
    lastLaunch = "";
  }

  /** What {@code cuda.h} calls a result, or JCuda its own failure to pass arguments on. */
  static String name(int code) {
    if (code == JCUDA_INTERNAL_ERROR) {
      return "JCUDA_INTERNAL_ERROR";
    }
    String name = CUresult.stringFor(code);
    return name.startsWith("CUDA_") ? name : "a result that JCuda does not know";
  }

  void launched(String kernel, LaunchShape shape) {
    queued("kernel " + kernel + ", " + shape);
  }

  /** What waiting blames first if it fails. */
  void queued(String what) {
    lastLaunch = what;
  }

  void synchronize() {
    enter();
    checkWait(cuCtxSynchronize(), "waiting for the device");
  }

  @Override
  public void close() {
    if (!closed) {
      enter();
      closed = true;
      check(cuDevicePrimaryCtxRelease(device), () -> "closing the device");
    }
  }
}
