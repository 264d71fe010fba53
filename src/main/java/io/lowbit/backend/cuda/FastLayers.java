// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * What {@code --fast} changes about linear layers: many rows are multiplied by {@link
 * FastProducts}, packed weights after they have been dequantized to 16 bits. A dequantized weight
 * is rounded once more than the packed kernels round it, and one beyond fp16's range is infinite.
 *
 * <p>The thresholds follow from an H200's numbers, per weight of a large layer (4.3 TB/s; cuBLAS
 * 790 TFLOP/s; {@code mma.sync}, which our kernels use, at most 62 % of the peak of 989, and the
 * packed kernel, bound by shared memory, at most half of it):
 *
 * <ul>
 *   <li>A 16-bit product waits for its weights up to about 140 rows whoever computes it, and our
 *       launches gather into graphs, which a library's do not.
 *   <li>Dequantizing moves 2.5 bytes, 0.59 ps; a row then costs 2.5 fs instead of 4.0 fs. That pays
 *       from about 390 rows on, without cuBLAS (3.3 fs) from about 740.
 * </ul>
 */
final class FastLayers implements AutoCloseable {
  /** Fewer rows are for {@link Gemm16}. */
  static final int LEAST_ROWS = 128;

  /** Fewer rows are for the packed kernels: a pass that scores has more, one that decodes fewer. */
  static final int LEAST_ROWS_DEQUANTIZED = 512;

  private final DeviceHeap heap;
  private final FastProducts products;
  private final WeightQuantizer quantizer;

  FastLayers(Kernels kernels, DeviceHeap heap, FastProducts products) {
    this.heap = heap;
    this.products = products;
    quantizer = new WeightQuantizer(kernels);
  }

  FastProducts products() {
    return products;
  }

  /** Queues the product if it is one that this class makes faster. */
  boolean run(DeviceMatrix x, CudaWeight weight, DevicePointer bias, DeviceMatrix out) {
    return switch (weight) {
      case CudaWeight.Dense dense when x.rows() >= LEAST_ROWS -> {
        products.run(x, dense.matrix(), bias, out);
        yield true;
      }
      case CudaWeight.Packed packed when x.rows() >= LEAST_ROWS_DEQUANTIZED -> {
        dequantized(x, packed.weight(), bias, out);
        yield true;
      }
      default -> false;
    };
  }

  private void dequantized(
      DeviceMatrix x, PackedWeight weight, DevicePointer bias, DeviceMatrix out) {
    long bytes = DeviceMatrix.bytes(weight.rows(), weight.columns());
    // Work is queued in order, so the next layer may have the memory at once.
    try (DeviceMemory memory = heap.take(bytes, "a weight dequantized for --fast")) {
      DeviceMatrix matrix =
          DeviceMatrix.of(memory.pointer(), weight.rows(), weight.columns(), x.type());
      quantizer.dequantize(weight, matrix);
      products.run(x, matrix, bias, out);
    }
  }

  @Override
  public void close() {
    products.close();
  }
}
