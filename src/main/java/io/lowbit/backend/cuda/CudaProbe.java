// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.Optional;

/**
 * Whether this machine has a GPU that Lowbit can use; decided once per process. Where it has none,
 * no class of JCuda's driver interface is touched after the probe: they stay broken for good once
 * they have failed to load.
 *
 * @param kind what was found
 * @param sentence one sentence: the GPU, or why there is none and what to do
 * @param device the GPU, if it is usable
 */
public record CudaProbe(Kind kind, String sentence, Optional<DeviceAttributes> device) {
  /** What was found. */
  public enum Kind {
    /** A GPU, a driver and everything else that is needed. */
    USABLE,
    /** Another operating system or processor than Linux on x86-64. */
    OTHER_PLATFORM,
    /** {@code libcuda.so.1} is not there. */
    NO_DRIVER,
    /** The driver has no device to show. */
    NO_DEVICE,
    /** The driver cannot compile the kernels. */
    DRIVER_TOO_OLD,
    /** The GPU lacks instructions that the kernels use. */
    GPU_TOO_OLD,
    /** The libraries between Java and the driver cannot be loaded. */
    NOT_LOADABLE,
    /** The driver is there and does not start. */
    BROKEN
  }

  private static final int NO_DEVICE_CODE = 100;

  /** Decides on the first call. */
  private static final class Once {
    static final CudaProbe RESULT = decide(new JCudaMachine());
  }

  /** What a decision asks of a machine, in this order. */
  interface Machine {
    /** Operating system and processor. */
    String platform();

    /** Whether the natives are made for the platform. */
    boolean isSupported();

    /** Whether the driver's library can be opened. */
    boolean hasDriver();

    /**
     * Makes JCuda ready.
     *
     * @throws Throwable whatever loading classes and libraries throws
     */
    void load() throws Throwable;

    /** As {@link DeviceAttributes#driverVersion}. */
    int driverVersion();

    /** Starts the driver. */
    void initialize();

    /** Number of devices. */
    int devices();

    /** What the first device is. */
    DeviceAttributes first(int driverVersion);
  }

  /** This machine's. */
  public static CudaProbe result() {
    return Once.RESULT;
  }

  /** Whether {@link JCudaDriver#open} can work. */
  public boolean usable() {
    return kind == Kind.USABLE;
  }

  static CudaProbe decide(Machine machine) {
    if (!machine.isSupported()) {
      return none(
          Kind.OTHER_PLATFORM,
          "the GPU is used on Linux on x86-64 only, and this is " + machine.platform());
    }
    if (!machine.hasDriver()) {
      return none(
          Kind.NO_DRIVER,
          "there is no NVIDIA driver: libcuda.so.1 was not found; where there is a GPU, install the"
              + " driver, or give the container its GPUs (docker run --gpus all)");
    }
    try {
      machine.load();
    } catch (Throwable failure) {
      // Loading may end in any LinkageError, and once more in another one when it is tried again.
      return none(
          Kind.NOT_LOADABLE,
          "there is an NVIDIA driver, but JCuda's library cannot be loaded: "
              + firstLine(failure)
              + "; set LOWBIT_CACHE to a writable folder whose file system allows execution");
    }
    try {
      return ask(machine);
    } catch (GpuException e) {
      return none(
          e.code() == NO_DEVICE_CODE ? Kind.NO_DEVICE : Kind.BROKEN,
          "there is an NVIDIA driver, but " + e.getMessage());
    }
  }

  private static CudaProbe ask(Machine machine) {
    int version = machine.driverVersion();
    if (version < GpuAdvice.LEAST_DRIVER_VERSION) {
      return none(
          Kind.DRIVER_TOO_OLD,
          "the NVIDIA driver is for CUDA %d.%d: install %s"
              .formatted(version / 1000, version % 1000 / 10, GpuAdvice.LEAST_DRIVER));
    }
    machine.initialize();
    if (machine.devices() == 0) {
      return none(
          Kind.NO_DEVICE,
          "there is an NVIDIA driver, but no GPU; " + GpuAdvice.about(NO_DEVICE_CODE));
    }
    DeviceAttributes device = machine.first(version);
    String name =
        "%s of compute capability %d.%d".formatted(device.name(), device.major(), device.minor());
    if (device.capability() < GpuAdvice.LEAST_CAPABILITY) {
      return none(
          Kind.GPU_TOO_OLD,
          "the GPU is too old: %s, and Lowbit needs %s".formatted(name, GpuAdvice.LEAST_GPU));
    }
    return new CudaProbe(
        Kind.USABLE,
        "%s, driver for CUDA %s".formatted(name, device.driverText()),
        Optional.of(device));
  }

  private static CudaProbe none(Kind kind, String sentence) {
    return new CudaProbe(kind, sentence, Optional.empty());
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("")
        + " ("
        + failure.getClass().getSimpleName()
        + ")";
  }
}
