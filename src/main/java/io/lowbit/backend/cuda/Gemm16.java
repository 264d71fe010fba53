// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code out = x W^T + bias} in 16 bits with sums in fp32. K is cut into the segments of {@link
 * SplitK}; each is summed from zero, from low to high k, segments are added in order, the bias is
 * added last and the result rounded once. So a row's bits follow from its own numbers, the weight,
 * N and K: not from the other rows, the plan or the GPU.
 *
 * <p>Closing frees the counters that blocks meet at.
 */
public final class Gemm16 implements AutoCloseable {
  private static final String MODULE = "gemm_16";
  private static final int MOST_COUNTERS = 1 << 12;
  private static final int STEP_BYTES = 2 * SplitK.STEP;

  /** The instances of the kernel; {@code kernels/gemm_16.cu} lists the same numbers. */
  private enum Tile {
    TOKENS_8(8, 64, 128, 5),
    TOKENS_16(16, 64, 128, 5),
    TOKENS_32(32, 64, 128, 4),
    TOKENS_64(64, 64, 128, 4),
    TOKENS_128(128, 128, 256, 3);

    private final int tokens;
    private final int features;
    private final int threads;
    private final int stages;

    Tile(int tokens, int features, int threads, int stages) {
      this.tokens = tokens;
      this.features = features;
      this.threads = threads;
      this.stages = stages;
    }

    /** The smallest that takes all rows at once, else the largest. */
    static Tile of(int rows) {
      return Arrays.stream(values()).filter(t -> t.tokens >= rows).findFirst().orElse(TOKENS_128);
    }

    int sharedBytes() {
      return stages * (tokens + features) * STEP_BYTES;
    }

    long count(int rows, int outputs) {
      return (long) Math.ceilDiv(rows, tokens) * Math.ceilDiv(outputs, features);
    }
  }

  /**
   * How a product is run; all plans give the same bits.
   *
   * @param tokens rows of a tile: 8, 16, 32, 64 or 128
   * @param apart whether each segment of K has a block of its own
   */
  public record Plan(int tokens, boolean apart) {}

  private final Kernels kernels;
  private final int multiprocessors;
  private final Set<GpuFunction> prepared = new HashSet<>();
  private Optional<DeviceMemory> counters = Optional.empty();

  /**
   * The launcher.
   *
   * @param kernels stays the caller's, who closes it after this
   */
  public Gemm16(Kernels kernels) {
    this.kernels = kernels;
    this.multiprocessors = kernels.driver().device().multiprocessors();
  }

  /**
   * The plan for a product on this device: segments have their own blocks where tiles alone would
   * leave multiprocessors idle.
   */
  public Plan plan(int rows, int outputs) {
    Tile tile = Tile.of(rows);
    // Two of the small blocks fill a multiprocessor, and one of the large.
    int resident = tile == Tile.TOKENS_128 ? 1 : 2;
    long wanted = (long) resident * multiprocessors;
    long tiles = tile.count(rows, outputs);
    return new Plan(tile.tokens, tiles < wanted && tiles <= MOST_COUNTERS);
  }

  /**
   * Queues the product by the best plan.
   *
   * @param x {@code [M, K]}
   * @param weight {@code [N, K]}
   * @param biasOrNull N values of the matrices' type, or {@link DevicePointer#NULL}
   * @param out {@code [M, N]}; only its M N values are written
   * @throws IllegalArgumentException if shapes or types do not fit
   */
  public void run(DeviceMatrix x, DeviceMatrix weight, DevicePointer biasOrNull, DeviceMatrix out) {
    run(x, weight, biasOrNull, out, plan(x.rows(), weight.rows()));
  }

  /** Queues the product by a given plan, with the same bits. */
  public void run(
      DeviceMatrix x, DeviceMatrix weight, DevicePointer biasOrNull, DeviceMatrix out, Plan plan) {
    DeviceMatrix.requireOneType("a 16-bit product", List.of(x, weight, out));
    x.requireShape("the input of a product by [N, K] weights", x.rows(), weight.columns());
    out.requireShape("the output of a product", x.rows(), weight.rows());
    if (x.rows() == 0 || weight.rows() == 0) {
      return;
    }
    Tile tile = tile(plan);
    SplitK split = SplitK.of(weight.rows(), weight.columns());
    boolean apart = plan.apart() && split.segments() > 1;
    long tiles = tile.count(x.rows(), weight.rows());
    if (apart && tiles > MOST_COUNTERS) {
      throw new IllegalArgumentException(
          "%,d tiles of [%d, %d] are too many for segments in blocks of their own, at most %,d"
              .formatted(tiles, x.rows(), weight.rows(), MOST_COUNTERS));
    }
    GpuFunction function = function(tile, x.suffix());
    DevicePointer partials =
        apart
            ? kernels.workspace(4L * tiles * split.segments() * tile.tokens * tile.features)
            : DevicePointer.NULL;
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(x.data())
            .pointer(weight.data())
            .pointer(biasOrNull)
            .pointer(out.data())
            .pointer(partials)
            .pointer(apart ? counters() : DevicePointer.NULL)
            .struct(shape(x, weight, out, split), Integer.BYTES);
    Dim3 grid =
        new Dim3(
            Math.ceilDiv(x.rows(), tile.tokens),
            Math.ceilDiv(weight.rows(), tile.features),
            apart ? split.segments() : 1);
    kernels.launch(
        function,
        new LaunchShape(grid, Dim3.of(tile.threads), tile.sharedBytes()),
        arguments,
        "[%d, %d] x [%d, %d]^T in %s"
            .formatted(x.rows(), x.columns(), weight.rows(), weight.columns(), split));
  }

  private static Tile tile(Plan plan) {
    return Arrays.stream(Tile.values())
        .filter(t -> t.tokens == plan.tokens())
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no tile of %d rows; tiles have 8, 16, 32, 64 or 128"
                    .formatted(plan.tokens())));
  }

  private GpuFunction function(Tile tile, String suffix) {
    GpuFunction function = kernels.function(MODULE, "gemm_16_%s_%d".formatted(suffix, tile.tokens));
    if (prepared.add(function)) {
      function.allowSharedBytes(tile.sharedBytes());
    }
    return function;
  }

  private static MemorySegment shape(
      DeviceMatrix x, DeviceMatrix weight, DeviceMatrix out, SplitK split) {
    return MemorySegment.ofArray(
        new int[] {
          x.rows(),
          weight.rows(),
          weight.columns(),
          x.stride(),
          weight.stride(),
          out.stride(),
          split.segments(),
          split.length() / SplitK.STEP
        });
  }

  /** Zeros; every launch leaves them zero. */
  private DevicePointer counters() {
    if (counters.isEmpty()) {
      DeviceMemory memory = kernels.driver().allocate(4L * MOST_COUNTERS);
      kernels.driver().fill(memory.pointer(), (byte) 0, memory.bytes());
      counters = Optional.of(memory);
    }
    return counters.get().pointer();
  }

  @Override
  public void close() {
    kernels.stream().synchronize();
    counters.ifPresent(DeviceMemory::close);
    counters = Optional.empty();
  }
}
