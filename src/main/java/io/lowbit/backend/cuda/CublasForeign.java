// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** A cuBLAS that JCublas was not built for, called as {@code cublas_api.h} declares it. */
final class CublasForeign implements Cublas {
  // cublas_api.h: CUBLAS_OP_N, CUBLAS_OP_T, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT.
  private static final int PLAIN = 0;
  private static final int TRANSPOSED = 1;
  private static final int COMPUTE_32F = 68;
  private static final int DEFAULT_ALGORITHM = -1;

  private final MethodHandle getProperty;
  private final MethodHandle create;
  private final MethodHandle setStream;
  private final MethodHandle setMathMode;
  private final MethodHandle gemmEx;
  private final MethodHandle destroy;
  private final MemorySegment factors = Arena.ofAuto().allocateFrom(JAVA_FLOAT, 0f, 1f);
  private MemorySegment handle = MemorySegment.NULL;

  /**
   * Binds a library.
   *
   * @param symbols has all {@link Cublas#FUNCTIONS}
   */
  CublasForeign(SymbolLookup symbols) {
    getProperty = function(symbols, "cublasGetProperty", JAVA_INT, ADDRESS);
    create = function(symbols, "cublasCreate_v2", ADDRESS);
    setStream = function(symbols, "cublasSetStream_v2", ADDRESS, ADDRESS);
    setMathMode = function(symbols, "cublasSetMathMode", ADDRESS, JAVA_INT);
    destroy = function(symbols, "cublasDestroy_v2", ADDRESS);
    gemmEx =
        function(
            symbols,
            "cublasGemmEx",
            ADDRESS, // handle
            JAVA_INT, // operation on A
            JAVA_INT, // operation on B
            JAVA_INT, // m
            JAVA_INT, // n
            JAVA_INT, // k
            ADDRESS, // alpha
            ADDRESS, // A
            JAVA_INT, // type of A
            JAVA_INT, // leading dimension of A
            ADDRESS, // B
            JAVA_INT,
            JAVA_INT,
            ADDRESS, // beta
            ADDRESS, // C
            JAVA_INT,
            JAVA_INT,
            JAVA_INT, // compute type
            JAVA_INT); // algorithm
  }

  /** A function that returns a status. */
  @SuppressWarnings("restricted") // the signatures are those of cublas_api.h
  private static MethodHandle function(
      SymbolLookup symbols, String name, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(symbols.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  @FunctionalInterface
  private interface Call {
    int run() throws Throwable;
  }

  private static int call(Call call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a function of cuBLAS cannot be called", e);
    }
  }

  @Override
  public int property(int which, int[] value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_INT);
      int status = call(() -> (int) getProperty.invokeExact(which, result));
      value[0] = result.get(JAVA_INT, 0);
      return status;
    }
  }

  @Override
  public int create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      int status = call(() -> (int) create.invokeExact(result));
      handle = result.get(ADDRESS, 0);
      return status;
    }
  }

  @Override
  public int setStream(RawPointer.Stream stream) {
    MemorySegment address = MemorySegment.ofAddress(stream.address());
    return call(() -> (int) setStream.invokeExact(handle, address));
  }

  @Override
  public int setMathMode(int flags) {
    return call(() -> (int) setMathMode.invokeExact(handle, flags));
  }

  @Override
  public int gemmEx(Product p) {
    MemorySegment alpha = factor(1);
    MemorySegment beta = factor(p.beta());
    MemorySegment a = device(p.a());
    MemorySegment b = device(p.b());
    MemorySegment c = device(p.c());
    return call(() ->
        (int)
            gemmEx.invokeExact(
                handle,
                TRANSPOSED,
                PLAIN,
                p.m(),
                p.n(),
                p.k(),
                alpha,
                a,
                p.type(),
                p.strideA(),
                b,
                p.type(),
                p.strideB(),
                beta,
                c,
                p.type(),
                p.strideC(),
                COMPUTE_32F,
                DEFAULT_ALGORITHM));
  }

  private MemorySegment factor(int value) {
    return factors.asSlice((long) value * Float.BYTES, Float.BYTES);
  }

  private static MemorySegment device(DevicePointer pointer) {
    return MemorySegment.ofAddress(pointer.address());
  }

  @Override
  public int destroy() {
    return call(() -> (int) destroy.invokeExact(handle));
  }
}
