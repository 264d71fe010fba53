// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.Optional;

/**
 * A CUDA driver refused or failed. The message says what was asked for, what came back and what can
 * be done about it.
 */
public class GpuException extends RuntimeException {
  /** {@code CUDA_ERROR_INVALID_VALUE}: an argument is outside what the driver takes. */
  public static final int INVALID_VALUE = 1;

  /** {@code CUDA_ERROR_OUT_OF_MEMORY}. */
  public static final int OUT_OF_MEMORY = 2;

  /** {@code CUDA_ERROR_NO_BINARY_FOR_GPU}: the module is for another kind of GPU. */
  public static final int NO_BINARY_FOR_GPU = 209;

  /** {@code CUDA_ERROR_INVALID_PTX}: the text does not compile. */
  public static final int INVALID_PTX = 218;

  /** {@code CUDA_ERROR_UNSUPPORTED_PTX_VERSION}: the driver is older than the text. */
  public static final int UNSUPPORTED_PTX_VERSION = 222;

  /** {@code CUDA_ERROR_INVALID_HANDLE}: the object has been closed. */
  public static final int INVALID_HANDLE = 400;

  /** {@code CUDA_ERROR_NOT_FOUND}: the module has no such kernel. */
  public static final int NOT_FOUND = 500;

  /** {@code CUDA_ERROR_ILLEGAL_ADDRESS}: a kernel went out of bounds. */
  public static final int ILLEGAL_ADDRESS = 700;

  /** {@code CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES}: too many threads, registers or shared bytes. */
  public static final int OUT_OF_RESOURCES = 701;

  /** {@code CUDA_ERROR_LAUNCH_TIMEOUT}. */
  public static final int LAUNCH_TIMEOUT = 702;

  /** {@code CUDA_ERROR_MISALIGNED_ADDRESS}. */
  public static final int MISALIGNED_ADDRESS = 716;

  /** {@code CUDA_ERROR_LAUNCH_FAILED}: a kernel failed for another reason. */
  public static final int LAUNCH_FAILED = 719;

  private final int code;
  private final String name;
  private final String kernel;
  private final transient Optional<LaunchShape> shape;

  /**
   * A failure outside a kernel.
   *
   * @param code as in {@code CUresult}
   * @param name of the code, such as {@code CUDA_ERROR_OUT_OF_MEMORY}
   * @param doing what was asked for, with its numbers
   */
  public GpuException(int code, String name, String doing) {
    this(code, name, doing, "", Optional.empty());
  }

  /**
   * A failure that belongs to a kernel.
   *
   * @param code as in {@code CUresult}
   * @param name of the code
   * @param doing what was asked for or what went wrong
   * @param kernel name of the kernel, empty if none is concerned
   * @param shape geometry of the launch, if there was one
   */
  public GpuException(
      int code, String name, String doing, String kernel, Optional<LaunchShape> shape) {
    this(code, name, doing, kernel, shape, null);
  }

  /**
   * As above, with the failure that this one explains.
   *
   * @param cause may be null
   */
  public GpuException(
      int code,
      String name,
      String doing,
      String kernel,
      Optional<LaunchShape> shape,
      Throwable cause) {
    super(
        "%s%s: %s (%d)%s%s"
            .formatted(
                kernel.isEmpty() ? "" : "kernel " + kernel + ": ",
                doing,
                name,
                code,
                shape.map(s -> ", " + s).orElse(""),
                advice(code)),
        cause);
    this.code = code;
    this.name = name;
    this.kernel = kernel;
    this.shape = shape;
  }

  private static String advice(int code) {
    String advice = GpuAdvice.about(code);
    return advice.isEmpty() ? "" : "; " + advice;
  }

  /** The driver's number, as in {@code CUresult}. */
  public int code() {
    return code;
  }

  /** The driver's name of the number. */
  public String codeName() {
    return name;
  }

  /** The kernel concerned, empty if none. */
  public String kernel() {
    return kernel;
  }

  /** Geometry of the launch concerned. */
  public Optional<LaunchShape> shape() {
    return shape;
  }
}
