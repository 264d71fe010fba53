// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.tensor.DType;
import java.util.List;

/**
 * Launches {@code kernels/gemm_packed.cuh} for one width of codes. A tile holds 8 to 64 tokens and
 * 64 or 128 features. The bits of the result do not depend on the tile, nor on whether a block runs
 * all segments of {@link SplitK} or one.
 */
final class PackedGemm {
  private static final int WARP = 32;
  private static final int STEP_BYTES = 2 * SplitK.STEP;
  private static final int FREE_SHARED_BYTES = 48 << 10;
  private static final int SUM_THREADS = 128;
  private static final int SUM_FEATURES = 4 * SUM_THREADS;

  private final Kernels kernels;
  private final String family;
  private final int bits;
  private final int multiprocessors;

  /**
   * Launcher of a family.
   *
   * @param family module and first part of its entries' names
   * @param bits that a code takes
   * @param multiprocessors of the device; none makes every block run all segments
   */
  PackedGemm(Kernels kernels, String family, int bits, int multiprocessors) {
    this.kernels = kernels;
    this.family = family;
    this.bits = bits;
    this.multiprocessors = multiprocessors;
  }

  /** {@code Tile} of the kernels. */
  private record Tile(int tokens, boolean fine) {
    static Tile of(int tokens, PackedWeight weight) {
      int rows = 8;
      while (rows < Math.min(tokens, 64)) {
        rows *= 2;
      }
      boolean wholeSteps =
          weight.groupSize() == weight.columns() || weight.groupSize() % SplitK.STEP == 0;
      return new Tile(rows, !wholeSteps);
    }

    int warps() {
      return tokens <= 16 ? 4 : 8;
    }

    int features() {
      return FragmentLayout.STRIP * warps();
    }

    int sharedBytes(FragmentLayout layout) {
      int stages = tokens <= 16 ? 5 : 4;
      int gridBytes = (fine ? 4 : 1) * FragmentLayout.STRIP * 2 * Float.BYTES;
      return stages * (tokens * STEP_BYTES + warps() * (layout.stripBytes() + gridBytes));
    }

    String entry() {
      return "_t" + tokens + (fine ? "_fine" : "");
    }
  }

  /** For messages, put into words only when there is one. */
  private record Shapes(DeviceMatrix x, PackedWeight weight) {
    @Override
    public String toString() {
      return "x [%d, %d], weight [%d, %d] of %d bits in groups of %d with %s scales"
          .formatted(
              x.rows(),
              x.columns(),
              weight.rows(),
              weight.columns(),
              weight.bits(),
              weight.groupSize(),
              weight.scaleType());
    }
  }

  private GpuFunction function(String variant) {
    return kernels.function(family, family + "_" + variant);
  }

  /** {@code out = x weight^T + bias}. */
  void run(DeviceMatrix x, PackedWeight weight, DevicePointer bias, DeviceMatrix out) {
    if (weight.bits() != bits) {
      throw new IllegalArgumentException(
          "%s: the weight has codes of %d bits, expected %d"
              .formatted(family, weight.bits(), bits));
    }
    x.requireShape(family + ": x", x.rows(), weight.columns());
    out.requireShape(family + ": out", x.rows(), weight.rows());
    DeviceMatrix.requireOneType(family, List.of(x, out));
    if (x.rows() == 0) {
      return;
    }
    Shapes shapes = new Shapes(x, weight);
    Tile tile = Tile.of(x.rows(), weight);
    SplitK split = SplitK.of(weight.rows(), weight.columns());
    Dim3 grid =
        Dim3.of(
            Math.ceilDiv(x.rows(), tile.tokens()), Math.ceilDiv(weight.rows(), tile.features()));
    // Two blocks a multiprocessor hide each other's waits.
    if (split.segments() == 1 || grid.count() >= 2L * multiprocessors) {
      multiply(x, weight, bias, out, DevicePointer.NULL, grid, tile, split, shapes);
    } else {
      long padded = (long) Math.ceilDiv(weight.rows(), SplitK.TILE) * SplitK.TILE;
      DevicePointer partials =
          kernels.workspace(padded * split.segments() * x.rows() * Float.BYTES);
      Dim3 deep = new Dim3(grid.x(), grid.y(), split.segments());
      multiply(x, weight, bias, out, partials, deep, tile, split, shapes);
      add(partials, bias, out, split, shapes);
    }
  }

  private void multiply(
      DeviceMatrix x,
      PackedWeight weight,
      DevicePointer bias,
      DeviceMatrix out,
      DevicePointer partials,
      Dim3 grid,
      Tile tile,
      SplitK split,
      Shapes shapes) {
    GpuFunction function = function(x.suffix() + tile.entry());
    int sharedBytes = tile.sharedBytes(weight.layout());
    if (sharedBytes > FREE_SHARED_BYTES) {
      function.allowSharedBytes(sharedBytes);
    }
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.data())
            .pointer(weight.codes())
            .pointer(weight.grids())
            .pointer(bias)
            .pointer(out.data())
            .pointer(partials)
            .int32(x.stride())
            .int32(out.stride())
            .int32(x.rows())
            .int32(weight.rows())
            .int32(weight.columns())
            .int32(weight.groupSize())
            .int32(split.length())
            .int32(weight.scaleType() == DType.F32 ? 1 : 0);
    kernels.launch(
        function,
        new LaunchShape(grid, Dim3.of(WARP * tile.warps()), sharedBytes),
        arguments,
        shapes);
  }

  private void add(
      DevicePointer partials, DevicePointer bias, DeviceMatrix out, SplitK split, Shapes shapes) {
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(partials)
            .pointer(bias)
            .pointer(out.data())
            .int32(split.segments())
            .int32(out.columns())
            .int32(out.stride());
    Dim3 grid = Dim3.of(Math.ceilDiv(out.columns(), SUM_FEATURES), out.rows());
    kernels.launch(
        function(out.suffix() + "_sum"),
        new LaunchShape(grid, Dim3.of(SUM_THREADS), 0),
        arguments,
        shapes);
  }
}
