// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** What a user can do about a number that the CUDA driver returned. */
final class GpuAdvice {
  /** First CUDA version whose drivers compile the shipped kernels ({@code .version 7.8}). */
  static final int LEAST_DRIVER_VERSION = 11080;

  /** First compute capability whose instructions the shipped kernels use. */
  static final int LEAST_CAPABILITY = 80;

  static final String LEAST_DRIVER = "driver 520 (CUDA 11.8) or newer";
  static final String LEAST_GPU = "a GPU of compute capability 8.0 (A100, RTX 30) or newer";

  private GpuAdvice() {}

  /**
   * A half-sentence for a {@code CUresult}; empty where nothing general can be said.
   *
   * @param code as in {@code CUresult}
   */
  static String about(int code) {
    return switch (code) {
      case GpuException.OUT_OF_MEMORY ->
          "the GPU's memory is full: end other programs that use it (nvidia-smi lists them), or take"
              + " a scheme with fewer bits, or a smaller batch, context or model";
      case 34 ->
          "the libcuda.so.1 found is the toolkit's stub: take its folder off LD_LIBRARY_PATH and"
              + " install the NVIDIA driver";
      case 46 ->
          "another program has the GPU for itself: wait for it, or change the compute mode with"
              + " nvidia-smi -c 0";
      case 100, 101 ->
          "there is no such GPU: check nvidia-smi and CUDA_VISIBLE_DEVICES, and that a container"
              + " was started with its GPUs";
      case GpuException.NO_BINARY_FOR_GPU ->
          "the GPU is older than the kernels, which need " + LEAST_GPU;
      case GpuException.INVALID_PTX ->
          "the driver's compiler refuses the kernels: they need "
              + LEAST_GPU
              + " and "
              + LEAST_DRIVER;
      case 214, 220 ->
          "the GPU reports a hardware error: look at nvidia-smi -q and at the kernel log, and reset"
              + " or replace it";
      case 221 -> "libnvidia-ptxjitcompiler.so.1 is missing: install the whole NVIDIA driver";
      case GpuException.UNSUPPORTED_PTX_VERSION ->
          "the driver is older than the kernels: install NVIDIA " + LEAST_DRIVER;
      case 223 -> "compilation is switched off: unset CUDA_DISABLE_PTX_JIT";
      case GpuException.ILLEGAL_ADDRESS,
          GpuException.MISALIGNED_ADDRESS,
          714,
          715,
          717,
          718,
          GpuException.LAUNCH_FAILED ->
          "a kernel failed and the device cannot be used any more by this process; run again with"
              + " LOWBIT_JAVA_OPTS=-Dlowbit.cuda.synchronous=true, which names the kernel, and report"
              + " it with the output of 'lowbit selftest'";
      case GpuException.OUT_OF_RESOURCES ->
          "the launch asks for more threads, registers or shared memory than the GPU has";
      case GpuException.LAUNCH_TIMEOUT ->
          "the display driver stops kernels that run for seconds: use a GPU that drives no screen,"
              + " or a smaller batch";
      case 802 -> "start nvidia-fabricmanager and wait until it runs";
      case 803, 804 ->
          "the driver's library and kernel module differ: restart the machine after a driver update,"
              + " or take the compatibility library off LD_LIBRARY_PATH";
      case 805, 806, 807, 808, 809, 810 -> "check the CUDA MPS server (nvidia-cuda-mps-control)";
      case 999 ->
          "the driver does not say why: check nvidia-smi, the kernel log (dmesg) and that"
              + " /dev/nvidia-uvm exists; restarting the machine often helps";
      default -> "";
    };
  }
}
