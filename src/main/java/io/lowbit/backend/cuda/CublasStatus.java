// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.function.Supplier;
import jcuda.jcublas.cublasStatus;

/** What cuBLAS returns. */
final class CublasStatus {
  // cublas_api.h: CUBLAS_STATUS_LICENSE_ERROR, which JCublas has no name for.
  private static final int LICENSE_ERROR = 16;
  private static final int PROPERTIES = 3;

  private CublasStatus() {}

  /**
   * Throws if a call failed.
   *
   * @param doing what was asked for, with its numbers
   * @throws IllegalStateException with the status's name and what to do
   */
  static void check(int status, Supplier<String> doing) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new IllegalStateException(
          "cuBLAS: %s: %s (%d); %swithout --fast Lowbit's own kernels serve"
              .formatted(doing.get(), name(status), status, advice(status)));
    }
  }

  /** What {@code cublas_api.h} calls a status, or JCublas its own failure to pass arguments on. */
  static String name(int status) {
    if (status == LICENSE_ERROR) {
      return "CUBLAS_STATUS_LICENSE_ERROR";
    }
    String name = cublasStatus.stringFor(status);
    return name.startsWith("INVALID") ? "a status that JCublas does not know" : name;
  }

  private static String advice(int status) {
    return switch (status) {
      case cublasStatus.CUBLAS_STATUS_NOT_INITIALIZED ->
          "the driver is older than this cuBLAS, or the GPU's memory is full; ";
      case cublasStatus.CUBLAS_STATUS_ALLOC_FAILED ->
          "the GPU's memory is full: take a scheme with fewer bits, or a smaller batch or model; ";
      case cublasStatus.CUBLAS_STATUS_ARCH_MISMATCH, cublasStatus.CUBLAS_STATUS_NOT_SUPPORTED ->
          "this cuBLAS does not serve this GPU: install another version; ";
      case cublasStatus.CUBLAS_STATUS_EXECUTION_FAILED ->
          "a kernel failed, perhaps one queued earlier: run with CUDA_LAUNCH_BLOCKING=1; ";
      default -> "";
    };
  }

  /** The library's version, such as {@code 12.6.4}. */
  static String version(Cublas cublas) {
    int[] numbers = new int[PROPERTIES];
    for (int which = 0; which < PROPERTIES; which++) {
      int[] value = new int[1];
      check(cublas.property(which, value), () -> "asking for its version");
      numbers[which] = value[0];
    }
    return "%d.%d.%d".formatted(numbers[0], numbers[1], numbers[2]);
  }
}
