// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * {@code out = x W^T + bias} in 16 bits with sums in fp32, as {@link Gemm16}, but in whatever order
 * is fastest: a row's bits may depend on the other rows, on the GPU and on a library's version.
 */
interface FastProducts extends AutoCloseable {
  /** What content keys call it: other bits, another name. */
  String name();

  /** What computes, for people. */
  String description();

  /**
   * Queues a product.
   *
   * @param x {@code [M, K]}
   * @param weight {@code [N, K]}
   * @param biasOrNull N values of the matrices' type, or {@link DevicePointer#NULL}
   * @param out {@code [M, N]}
   * @throws IllegalArgumentException if shapes or types do not fit
   * @throws IllegalStateException if a library fails, with its status and the shape
   */
  void run(DeviceMatrix x, DeviceMatrix weight, DevicePointer biasOrNull, DeviceMatrix out);

  @Override
  void close();

  /**
   * cuBLAS where this machine has one, else Lowbit's own.
   *
   * @param own stays the caller's
   * @throws IllegalStateException if there is a cuBLAS that cannot be loaded
   */
  static FastProducts open(Kernels kernels, Gemm16 own) {
    // A device without a driver of NVIDIA's has no cuBLAS either, whatever else the machine has.
    CublasProbe found =
        kernels.stream() instanceof JCudaStream ? CublasProbe.find() : CublasProbe.NONE;
    return found == CublasProbe.NONE
        ? new Own(own)
        : new CublasProducts(kernels, found.open(), found);
  }

  /** The kernel that serves without {@code --fast} too. */
  record Own(Gemm16 gemm) implements FastProducts {
    @Override
    public String name() {
      return "gemm16";
    }

    @Override
    public String description() {
      return "Lowbit's own products, as there is no cuBLAS";
    }

    @Override
    public void run(
        DeviceMatrix x, DeviceMatrix weight, DevicePointer biasOrNull, DeviceMatrix out) {
      gemm.run(x, weight, biasOrNull, out);
    }

    @Override
    public void close() {}
  }
}
