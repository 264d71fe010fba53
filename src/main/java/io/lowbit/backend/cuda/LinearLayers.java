// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.IntegerGrid;
import java.util.Optional;

/** {@code y = x W^T + b}: picks the kernel by the weight's form. */
final class LinearLayers implements AutoCloseable {
  private final DeviceHeap heap;
  private final Gemm16 dense;
  private final GemmW4A16 fourBits;
  private final GemmW8A16 eightBits;
  private final TokenQuantizer quantizer;
  private final GemmW8A8 integers;
  private final Optional<FastLayers> fast;
  private Optional<Last> last = Optional.empty();

  /** The input that was quantized last: query, key and value layers read the same one. */
  private record Last(
      CudaBuffer buffer,
      long version,
      IntegerGrid grid,
      int weightGroup,
      QuantizedRows rows,
      DeviceMemory memory) {
    boolean isOf(CudaBuffer other, IntegerGrid otherGrid, int otherGroup) {
      return buffer == other
          && version == other.version()
          && grid.equals(otherGrid)
          && weightGroup == otherGroup;
    }
  }

  LinearLayers(Kernels kernels, DeviceHeap heap, boolean fast) {
    this.heap = heap;
    dense = new Gemm16(kernels);
    fourBits = new GemmW4A16(kernels);
    eightBits = new GemmW8A16(kernels);
    quantizer = new TokenQuantizer(kernels);
    integers = new GemmW8A8(kernels);
    this.fast =
        fast
            ? Optional.of(new FastLayers(kernels, heap, FastProducts.open(kernels, dense)))
            : Optional.empty();
  }

  /** What multiplies where speed goes before bits that never differ. */
  Optional<FastProducts> fastProducts() {
    return fast.map(FastLayers::products);
  }

  void run(
      CudaBuffer x,
      CudaWeight weight,
      DevicePointer bias,
      Optional<ActivationScheme> activations,
      CudaBuffer out) {
    if (activations.isPresent() != weight instanceof CudaWeight.Integers) {
      throw new IllegalArgumentException(
          activations.isPresent()
              ? "a weight that was not uploaded for quantized inputs is given such"
              : "a weight that was uploaded for quantized inputs is given others");
    }
    DeviceMatrix target = out.changing();
    if (fast.isPresent() && fast.get().run(x.matrix(), weight, bias, target)) {
      return;
    }
    switch (weight) {
      case CudaWeight.Dense w -> dense.run(x.matrix(), w.matrix(), bias, target);
      case CudaWeight.Packed w when w.weight().bits() == 4 ->
          fourBits.run(x.matrix(), w.weight(), bias, target);
      case CudaWeight.Packed w -> eightBits.run(x.matrix(), w.weight(), bias, target);
      case CudaWeight.Integers w ->
          integers.run(
              quantized(x, activations.get(), w.weight().group()), w.weight(), bias, target);
    }
  }

  private QuantizedRows quantized(CudaBuffer x, ActivationScheme scheme, int weightGroup) {
    IntegerGrid grid = scheme.grid(x.type());
    if (last.isPresent() && last.get().isOf(x, grid, weightGroup)) {
      return last.get().rows();
    }
    last.ifPresent(old -> old.memory().close());
    last = Optional.empty();
    DeviceMatrix matrix = x.matrix();
    DeviceMemory memory =
        heap.take(
            QuantizedRows.bytes(matrix.rows(), matrix.columns(), weightGroup),
            "quantized activations");
    QuantizedRows rows = quantizer.run(matrix, grid, weightGroup, memory.pointer());
    last = Optional.of(new Last(x, x.version(), grid, weightGroup, rows, memory));
    return rows;
  }

  @Override
  public void close() {
    last.ifPresent(old -> old.memory().close());
    last = Optional.empty();
    fast.ifPresent(FastLayers::close);
    dense.close();
  }
}
