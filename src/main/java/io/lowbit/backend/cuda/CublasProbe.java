// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/** Which cuBLAS this machine has; only {@code --fast} asks for one. */
public enum CublasProbe {
  /** {@code libcublas.so.12}, which JCublas was built for. */
  CUBLAS_12("cuBLAS 12 through JCublas"),
  /** {@code libcublas.so.13}, whose functions are called without JCublas. */
  CUBLAS_13("cuBLAS 13 through java.lang.foreign"),
  /** Neither: Lowbit's own kernels serve there too. */
  NONE("no cuBLAS");

  private final String text;

  CublasProbe(String text) {
    this.text = text;
  }

  /** What is found and how it is called. */
  public String text() {
    return text;
  }

  /** Opens the libraries, which takes a moment where they are there. */
  public static CublasProbe find() {
    if (JCudaMachine.canOpen("libcublas.so.12")) {
      return CUBLAS_12;
    }
    return JCudaMachine.canOpen("libcublas.so.13") ? CUBLAS_13 : NONE;
  }
}
