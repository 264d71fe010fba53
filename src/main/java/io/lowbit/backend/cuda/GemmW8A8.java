// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.util.List;

/**
 * {@code out = x w^T + bias} of quantized rows and a quantized weight, in integers. The sums of
 * integers are exact; scales are applied in fp32 in the order of the CPU back-end, so for finite
 * data both give the same bits. How the work is cut never shows in the result.
 */
public final class GemmW8A8 {
  private static final String MODULE = "gemm_w8a8";
  private static final int THREADS = 128;
  private static final int FEATURES = 64;
  private static final int DEPTH = 64;
  private static final List<Integer> TOKEN_TILES = List.of(8, 16, 32, 64);
  // Shorter segments would spend their time on filling the pipeline.
  private static final int SHORTEST_SEGMENT = 8;
  private static final int BLOCKS_PER_MULTIPROCESSOR = 2;
  private static final int FEATURES_PER_COMBINING_THREAD = 4;

  private final Kernels kernels;

  /** Launches on {@code kernels}. */
  public GemmW8A8(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Queues the product. Uses {@link Kernels#workspace} where a weight has one group per row and
   * there are too few tiles for the device.
   *
   * @param x {@code [tokens, K]}, its sums over the weight's groups
   * @param weight {@code [N, K]}
   * @param bias {@code [N]} values of the output's type, or {@link DevicePointer#NULL}
   * @param out {@code [tokens, N]}
   */
  public void run(QuantizedRows x, IntegerWeight weight, DevicePointer bias, DeviceMatrix out) {
    if (x.columns() != weight.columns() || x.group() != weight.group()) {
      throw new IllegalArgumentException(
          "rows of %d columns with sums over groups of %d meet a weight of %d columns in groups of %d"
              .formatted(x.columns(), x.group(), weight.columns(), weight.group()));
    }
    out.requireShape("the product of quantized rows and weight", x.rows(), weight.rows());
    if (x.rows() == 0) {
      return;
    }
    int segments = segments(x, weight);
    if (segments == 1 && x.group() <= IntegerWeight.LONGEST_SHORT_GROUP) {
      runWhole(x, weight, bias, out);
    } else {
      runSplit(x, weight, bias, out, segments);
    }
  }

  private static int tokenTile(int tokens) {
    return TOKEN_TILES.stream()
        .filter(tile -> tile >= tokens)
        .findFirst()
        .orElse(TOKEN_TILES.getLast());
  }

  private static Dim3 tiles(QuantizedRows x, IntegerWeight weight) {
    // Blocks that share weights are neighbours.
    return Dim3.of(
        Math.ceilDiv(x.rows(), tokenTile(x.rows())), Math.ceilDiv(weight.rows(), FEATURES));
  }

  /** Only a whole-row group may be split: the scaled sums of several must be added in order. */
  private int segments(QuantizedRows x, IntegerWeight weight) {
    long tiles = tiles(x, weight).count();
    int multiprocessors = kernels.driver().device().multiprocessors();
    int steps = x.stride() / DEPTH;
    if (x.groups() > 1 || tiles >= multiprocessors) {
      return 1;
    }
    int wanted = Math.ceilDiv(BLOCKS_PER_MULTIPROCESSOR * multiprocessors, (int) tiles);
    int segments = Math.clamp(steps / SHORTEST_SEGMENT, 1, wanted);
    return Math.ceilDiv(steps, Math.ceilDiv(steps, segments));
  }

  private void runWhole(
      QuantizedRows x, IntegerWeight weight, DevicePointer bias, DeviceMatrix out) {
    int tile = tokenTile(x.rows());
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.codes())
            .pointer(x.scales())
            .pointer(x.zeros())
            .pointer(x.sums())
            .int32(x.rows())
            .int32(x.stride())
            .pointer(weight.codes())
            .pointer(weight.grids())
            .int32(weight.wide() ? 1 : 0)
            .int32(weight.shifted() ? 1 : 0)
            // The one group of a row ends with the padding, which adds nothing.
            .int32(x.groups() == 1 ? x.stride() : x.group())
            .int32(x.groups())
            .pointer(bias)
            .pointer(out.data())
            .int32(weight.rows())
            .int32(out.stride());
    kernels.launch(
        kernels.function(MODULE, "%s_%s_t%d".formatted(MODULE, out.suffix(), tile)),
        new LaunchShape(tiles(x, weight), Dim3.of(THREADS), 0),
        arguments,
        describe(x, weight));
  }

  private void runSplit(
      QuantizedRows x, IntegerWeight weight, DevicePointer bias, DeviceMatrix out, int segments) {
    Dim3 tiles = tiles(x, weight);
    DevicePointer partial = kernels.workspace(4L * segments * x.rows() * tiles.y() * FEATURES);
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.codes())
            .int32(x.rows())
            .int32(x.stride())
            .pointer(weight.codes())
            .int32(Math.ceilDiv(x.stride() / DEPTH, segments))
            .pointer(partial);
    kernels.launch(
        kernels.function(MODULE, "%s_partial_t%d".formatted(MODULE, tokenTile(x.rows()))),
        new LaunchShape(new Dim3(tiles.x(), tiles.y(), segments), Dim3.of(THREADS), 0),
        arguments,
        describe(x, weight));
    combine(x, weight, bias, out, partial, segments);
  }

  private void combine(
      QuantizedRows x,
      IntegerWeight weight,
      DevicePointer bias,
      DeviceMatrix out,
      DevicePointer partial,
      int segments) {
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(partial)
            .int32(segments)
            .int32(x.rows())
            .pointer(x.scales())
            .pointer(x.zeros())
            .pointer(x.sums())
            .pointer(weight.grids())
            .int32(weight.wide() ? 1 : 0)
            .pointer(bias)
            .pointer(out.data())
            .int32(weight.rows())
            .int32(out.stride());
    int blocks = Math.ceilDiv(weight.rows(), FEATURES_PER_COMBINING_THREAD * THREADS);
    kernels.launch(
        kernels.function(MODULE, "%s_%s_combine".formatted(MODULE, out.suffix())),
        new LaunchShape(Dim3.of(blocks, x.rows()), Dim3.of(THREADS), 0),
        arguments,
        describe(x, weight));
  }

  private static String describe(QuantizedRows x, IntegerWeight weight) {
    return "M %d N %d K %d group %d"
        .formatted(x.rows(), weight.rows(), x.columns(), weight.group());
  }
}
