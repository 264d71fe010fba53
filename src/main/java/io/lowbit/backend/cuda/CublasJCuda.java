// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGetProperty;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.cublasComputeType.CUBLAS_COMPUTE_32F;
import static jcuda.jcublas.cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;

/** cuBLAS 12 through JCublas. */
final class CublasJCuda implements Cublas {
  private final cublasHandle handle = new cublasHandle();
  private final MemorySegment factors = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_FLOAT, 0f, 1f);

  private CublasJCuda() {}

  /**
   * Loads JCublas's library, which loads {@code libcublas.so.12}.
   *
   * @throws IllegalStateException with a sentence if it cannot be loaded
   */
  static CublasJCuda open() {
    try {
      JCudaNatives.loadCublas();
    } catch (IOException | LinkageError e) {
      throw new IllegalStateException(
          ("cuBLAS 12 is there, but JCublas's library cannot be loaded: %s (%s); set LOWBIT_CACHE"
                  + " to a writable folder whose file system allows execution, or leave --fast out")
              .formatted(
                  String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                  e.getClass().getSimpleName()),
          e);
    }
    return new CublasJCuda();
  }

  @Override
  public int property(int which, int[] value) {
    return cublasGetProperty(which, value);
  }

  @Override
  public int create() {
    return cublasCreate(handle);
  }

  @Override
  public int setStream(RawPointer.Stream stream) {
    return cublasSetStream(handle, new cudaStream_t(stream));
  }

  @Override
  public int setMathMode(int flags) {
    return cublasSetMathMode(handle, flags);
  }

  // The function without _new takes the compute type as a data type, as before cuBLAS 11.
  @Override
  public int gemmEx(Product p) {
    return cublasGemmEx_new(
        handle,
        CUBLAS_OP_T,
        CUBLAS_OP_N,
        p.m(),
        p.n(),
        p.k(),
        factor(1),
        new RawPointer.Device(p.a()),
        p.type(),
        p.strideA(),
        new RawPointer.Device(p.b()),
        p.type(),
        p.strideB(),
        factor(p.beta()),
        new RawPointer.Device(p.c()),
        p.type(),
        p.strideC(),
        CUBLAS_COMPUTE_32F,
        CUBLAS_GEMM_DEFAULT);
  }

  private RawPointer.Host factor(int value) {
    return new RawPointer.Host(factors.address() + (long) value * Float.BYTES);
  }

  @Override
  public int destroy() {
    return cublasDestroy(handle);
  }
}
