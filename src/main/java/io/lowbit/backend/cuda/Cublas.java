// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.List;

/**
 * The functions of cuBLAS that Lowbit calls, on one handle. Each returns cuBLAS's status, which
 * {@link CublasStatus} reads. The GPU must be current on the calling thread for all but {@link
 * #property}.
 */
interface Cublas {
  /** Their symbols in every cuBLAS since 11. */
  List<String> FUNCTIONS =
      List.of(
          "cublasGetProperty",
          "cublasCreate_v2",
          "cublasSetStream_v2",
          "cublasSetMathMode",
          "cublasGemmEx",
          "cublasDestroy_v2");

  /**
   * {@code cublasGetProperty}; needs no handle.
   *
   * @param which 0 = major version, 1 = minor version, 2 = patch level
   * @param value receives it
   */
  int property(int which, int[] value);

  /** {@code cublasCreate}: takes memory of the GPU until {@link #destroy}. */
  int create();

  /** {@code cublasSetStream}: where products are queued from now on. */
  int setStream(RawPointer.Stream stream);

  /** {@code cublasSetMathMode}: flags of {@code cublasMath_t}. */
  int setMathMode(int flags);

  /** {@code cublasGemmEx}: queues a product. */
  int gemmEx(Product product);

  /** {@code cublasDestroy}. */
  int destroy();

  /**
   * {@code C = A^T B + beta C} in cuBLAS's terms: all matrices are column-major, a leading
   * dimension is the distance of columns in elements; A is {@code [k, m]}, B {@code [k, n]}, C
   * {@code [m, n]}; sums are kept in fp32.
   *
   * @param type {@code cudaDataType} of all three: 2 = fp16, 14 = bf16
   * @param beta 0 or 1
   */
  record Product(
      int m,
      int n,
      int k,
      int type,
      DevicePointer a,
      int strideA,
      DevicePointer b,
      int strideB,
      int beta,
      DevicePointer c,
      int strideC) {}
}
