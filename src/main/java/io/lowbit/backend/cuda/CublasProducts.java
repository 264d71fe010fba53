// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.tensor.DType;
import java.util.List;
import java.util.Optional;
import jcuda.cudaDataType;

/**
 * Products by cuBLAS. A bias is written into every row of the output first and added as {@code beta
 * C}: in fp32 before the one rounding, as {@link Gemm16} does it. The library starts with the first
 * product, as it takes a while and some of the GPU's memory.
 */
final class CublasProducts implements FastProducts {
  // cublas_api.h: CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION. Without it partial sums may be
  // rounded to 16 bits before they are added.
  private static final int SUMS_IN_FP32 = 16;

  private final Kernels kernels;
  private final Cublas cublas;
  private final String version;
  private final String binding;
  private final Embedding embedding;
  private boolean started;
  private Optional<DeviceMemory> zeros = Optional.empty();

  CublasProducts(Kernels kernels, Cublas cublas, CublasProbe found) {
    this.kernels = kernels;
    this.cublas = cublas;
    this.version = CublasStatus.version(cublas);
    this.binding = found.binding();
    this.embedding = new Embedding(kernels);
  }

  @Override
  public String name() {
    return "cublas-" + version;
  }

  @Override
  public String description() {
    return "products by cuBLAS %s through %s".formatted(version, binding);
  }

  @Override
  public void run(DeviceMatrix x, DeviceMatrix weight, DevicePointer biasOrNull, DeviceMatrix out) {
    DeviceMatrix.requireOneType("a 16-bit product", List.of(x, weight, out));
    x.requireShape("the input of a product by [N, K] weights", x.rows(), weight.columns());
    out.requireShape("the output of a product", x.rows(), weight.rows());
    if (x.rows() == 0 || weight.rows() == 0) {
      return;
    }
    boolean biased = !biasOrNull.equals(DevicePointer.NULL);
    if (biased) {
      // The only row of a table, for every token.
      DeviceMatrix table = DeviceMatrix.of(biasOrNull, 1, out.columns(), out.type());
      embedding.run(table, zeros(out.rows()), out);
    }
    String shapes =
        "[%d, %d] x [%d, %d]^T in %s"
            .formatted(x.rows(), x.columns(), weight.rows(), weight.columns(), x.type());
    start(enter(shapes));
    CublasStatus.check(cublas.gemmEx(product(x, weight, biased, out)), () -> shapes);
  }

  /** Rows of ours are columns of cuBLAS's, so {@code out^T = W x^T} is what it is asked for. */
  private static Cublas.Product product(
      DeviceMatrix x, DeviceMatrix weight, boolean biased, DeviceMatrix out) {
    return new Cublas.Product(
        weight.rows(),
        x.rows(),
        x.columns(),
        x.type() == DType.F16 ? cudaDataType.CUDA_R_16F : cudaDataType.CUDA_R_16BF,
        weight.data(),
        weight.stride(),
        x.data(),
        x.stride(),
        biased ? 1 : 0,
        out.data(),
        out.stride());
  }

  /** The stream, after everything gathered for it; what it is called for stands in messages. */
  private RawPointer.Stream enter(String what) {
    return ((JCudaStream) kernels.stream()).enterLibrary("a product of cuBLAS, " + what);
  }

  private void start(RawPointer.Stream stream) {
    if (started) {
      return;
    }
    CublasStatus.check(cublas.create(), () -> "starting it");
    started = true;
    CublasStatus.check(cublas.setStream(stream), () -> "giving it a stream");
    CublasStatus.check(cublas.setMathMode(SUMS_IN_FP32), () -> "asking for sums in fp32");
  }

  /** Row numbers of zero. */
  private DevicePointer zeros(int count) {
    long bytes = (long) count * Integer.BYTES;
    if (zeros.isEmpty() || zeros.get().bytes() < bytes) {
      zeros.ifPresent(DeviceMemory::close);
      zeros = Optional.empty();
      DeviceMemory memory = DeviceHeap.allocate(kernels, bytes, "row numbers");
      zeros = Optional.of(memory);
      kernels.stream().fill(memory.pointer(), (byte) 0, bytes);
    }
    return zeros.get().pointer();
  }

  @Override
  public void close() {
    if (started) {
      enter("the end");
      started = false;
      CublasStatus.check(cublas.destroy(), () -> "ending it");
    }
    zeros.ifPresent(DeviceMemory::close);
    zeros = Optional.empty();
  }
}
