// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;

/**
 * Quantizes activations, one grid per token, to what {@link GemmW8A8} multiplies. Codes, scales and
 * zero points are those of {@link io.lowbit.quant.RowQuantizer} bit for bit; a token with a value
 * that is not finite, or whose scale overflows, has the scale NaN.
 */
public final class TokenQuantizer {
  private static final String MODULE = "quantize_tokens";
  private static final int VALUES_PER_THREAD = 8;
  private static final int MOST_THREADS = 256;
  private static final int WARP = 32;

  private final Kernels kernels;

  /** Launches on {@code kernels}. */
  public TokenQuantizer(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Queues the quantization of each row.
   *
   * @param x {@code [tokens, columns]}
   * @param grid of a token, as {@link io.lowbit.quant.ActivationScheme#grid} gives it: 2 to 8 bits,
   *     one group, exact arithmetic
   * @param weightGroup columns of the groups of the weight that the rows will meet, for the sums: a
   *     multiple of 32 that divides the columns, or all columns
   * @param memory receives the result: {@link QuantizedRows#bytes} bytes, aligned to 16
   * @return the rows, laid out in {@code memory}
   * @throws IllegalArgumentException if the grid or the group is not one of these
   */
  public QuantizedRows run(
      DeviceMatrix x, IntegerGrid grid, int weightGroup, DevicePointer memory) {
    requireGrid(grid, x.columns());
    if (weightGroup != x.columns() && (weightGroup < 1 || weightGroup % WARP != 0)) {
      throw new IllegalArgumentException(
          "sums over groups of %d of %d columns; groups are multiples of 32 or the whole row"
              .formatted(weightGroup, x.columns()));
    }
    QuantizedRows rows = QuantizedRows.in(memory, x.rows(), x.columns(), weightGroup);
    if (x.rows() == 0) {
      return rows;
    }
    int chunks = Math.ceilDiv(rows.stride(), VALUES_PER_THREAD);
    int threads = Math.min(MOST_THREADS, Math.ceilDiv(chunks, WARP) * WARP);
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.data())
            .int32(x.columns())
            .int32(x.stride())
            .int32(rows.stride())
            .int32(grid.bits())
            .int32(grid.symmetry() == Symmetry.ASYMMETRIC ? 0 : 1)
            .int32(weightGroup)
            .int32(rows.groups())
            .pointer(rows.codes())
            .pointer(rows.scales())
            .pointer(rows.zeros())
            .pointer(rows.sums());
    kernels.launch(
        kernels.function(MODULE, MODULE + "_" + x.suffix()),
        LaunchShape.of(x.rows(), threads).withShared(4 * rows.groups()),
        arguments,
        "rows %d columns %d bits %d group %d"
            .formatted(x.rows(), x.columns(), grid.bits(), weightGroup));
    return rows;
  }

  private static void requireGrid(IntegerGrid grid, int columns) {
    if (grid.arithmetic() != Arithmetic.EXACT
        || grid.symmetry() == Symmetry.SYMMETRIC_FULL
        || grid.scaleType() != DType.F32
        || grid.bits() < 2
        || grid.effectiveGroup(columns) != columns) {
      throw new IllegalArgumentException(
          ("%s cannot be run in integers; tokens have 2 to 8 bits, one grid per row, asymmetric or"
                  + " symmetric restricted, fp32 scales and exact arithmetic")
              .formatted(grid));
    }
  }
}
