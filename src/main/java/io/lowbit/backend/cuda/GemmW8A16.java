// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Products of 16-bit activations with weights of 5 to 8 bits, packed in 8 ({@code
 * kernels/gemm_w8a16.cu}). Codes minus zeros are exact in the tensor cores; a group is summed in
 * fp32 and scaled in fp32. A row's result does not depend on the other rows of a launch nor on the
 * device.
 */
public final class GemmW8A16 {
  private final PackedGemm gemm;

  /** Launches on the device of {@code kernels}. */
  public GemmW8A16(Kernels kernels) {
    this(kernels, kernels.driver().device().multiprocessors());
  }

  /**
   * Launches that are cut into blocks as for a device of another size; the results are the same.
   *
   * @param multiprocessors of that device; 0 lets every block run all segments of {@link SplitK}
   */
  public GemmW8A16(Kernels kernels, int multiprocessors) {
    gemm = new PackedGemm(kernels, "gemm_w8a16", 8, multiprocessors);
  }

  /**
   * Queues {@code out = x weight^T + bias}, rounded once to the type of {@code out}.
   *
   * @param x {@code [M, K]}, M may be 0
   * @param weight {@code [N, K]}, codes of 8 bits
   * @param bias {@code [N]} numbers of x's type, or {@link DevicePointer#NULL}
   * @param out {@code [M, N]}, of x's type
   * @throws IllegalArgumentException if shapes, types or widths do not fit
   */
  public void run(DeviceMatrix x, PackedWeight weight, DevicePointer bias, DeviceMatrix out) {
    gemm.run(x, weight, bias, out);
  }
}
