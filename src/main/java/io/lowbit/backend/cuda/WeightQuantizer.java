// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.BFloat16;
import io.lowbit.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * Rounds weights to nearest on the device, into the packed layouts of 16-bit products, and back.
 * Codes, scales and zero points are those of {@link io.lowbit.quant.RoundToNearest} in exact
 * arithmetic, bit for bit. The layouts are described in {@code kernels/packed.cuh}: W4F for 1 to 4
 * bits and W8F for 5 to 8, N and K padded to 64.
 */
public final class WeightQuantizer {
  private static final String MODULE = "quantize_weights";
  private static final int TILE = 64;
  private static final int STRIP = 16;
  private static final int THREADS = 128;
  private static final int COLUMNS_PER_BLOCK = 256;
  private static final int GROUPS_PER_BLOCK = 512;
  private static final int MOST_NIBBLE_BITS = 4;
  private static final int STEP_BYTES = 16;
  // The error takes the first bytes of the workspace, steps the others.
  private static final int ERROR_BYTES = 16;
  // Steps of a slice of rows; at 64 rows they are never more than a few hundred MB.
  private static final long MOST_STEP_BYTES = 64L << 20;

  private final Kernels kernels;

  /** Launches on {@code kernels}. */
  public WeightQuantizer(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Bytes of the packed codes of a weight.
   *
   * @param rows N
   * @param columns K
   * @param bits bits of a code, 1 to 8; they take 4 or 8
   */
  public static long codeBytes(int rows, int columns, int bits) {
    long codes = (long) padded(rows) * padded(columns);
    return bits <= MOST_NIBBLE_BITS ? codes / 2 : codes;
  }

  /** Bytes of the scales and zero points of a weight {@code [rows, columns]}. */
  public static long gridBytes(int rows, int columns, IntegerGrid grid) {
    int groups = columns / grid.effectiveGroup(columns);
    return (long) padded(rows) * groups * 2 * grid.scaleType().bytes();
  }

  private static int padded(int count) {
    return Math.ceilDiv(count, TILE) * TILE;
  }

  /**
   * Quantizes a weight and waits for the result. Uses {@link Kernels#workspace}.
   *
   * @param grid exact arithmetic; groups are a multiple of 16 that divides the columns, or the row
   * @param codes receives {@link #codeBytes} bytes, aligned to 16
   * @param grids receives {@link #gridBytes} bytes, aligned to 16
   * @throws IllegalArgumentException if the grid is not one of these, a weight is not finite, or a
   *     scale does not fit its type; then codes and grids are undefined
   */
  public void quantize(
      WeightSource source, IntegerGrid grid, DevicePointer codes, DevicePointer grids) {
    checkError(source, grid, queue(source, grid, codes, grids));
  }

  /**
   * Queues the same without looking whether it worked, as a benchmark does; codes and grids of a
   * weight that cannot be quantized are undefined.
   *
   * @return where the kernels leave the first error
   */
  public DevicePointer queue(
      WeightSource source, IntegerGrid grid, DevicePointer codes, DevicePointer grids) {
    requireGrid(source.name(), source.rows(), source.columns(), grid);
    int groups = source.columns() / grid.effectiveGroup(source.columns());
    long rowBytes = (long) groups * STEP_BYTES;
    int slice = Math.clamp(MOST_STEP_BYTES / rowBytes / TILE * TILE, TILE, 1 << 20);
    int rows = padded(source.rows());
    DevicePointer error = kernels.workspace(ERROR_BYTES + Math.min(slice, rows) * rowBytes);
    kernels.stream().fill(error, (byte) -1, ERROR_BYTES);
    for (int first = 0; first < rows; first += slice) {
      int count = Math.min(slice, rows - first);
      WeightSource rest = source.from(first);
      launchGrids(
          rest, grid, count, grids.plus(gridBytes(first, source.columns(), grid)), error, first);
      launchCodes(
          rest,
          grid,
          count,
          codes.plus(codeBytes(first, source.columns(), grid.bits())),
          error.plus(ERROR_BYTES));
    }
    return error;
  }

  private void launchGrids(
      WeightSource source,
      IntegerGrid grid,
      int count,
      DevicePointer grids,
      DevicePointer error,
      int first) {
    int group = grid.effectiveGroup(source.columns());
    int groups = source.columns() / group;
    // Threads beside each other, each with 16 bytes, that always are in one group.
    int valuesPerThread = 16 / source.type().bytes();
    int span = groups == 1 ? 32 : Math.min(32, Integer.lowestOneBit(group) / valuesPerThread);
    KernelArguments arguments =
        sourceArguments(source, group, groups)
            .int32(span)
            .int32(grid.bits())
            .int32(symmetry(grid))
            .int32(grid.scaleType() == DType.F32 ? 1 : 0)
            .pointer(grids)
            .pointer(error.plus(ERROR_BYTES))
            .pointer(error)
            .int32(first);
    kernels.launch(
        kernels.function(MODULE, "%s_%s_grids".formatted(MODULE, source.suffix())),
        new LaunchShape(
            Dim3.of(count, Math.ceilDiv(groups, GROUPS_PER_BLOCK)), Dim3.of(THREADS), 0),
        arguments,
        source);
  }

  private void launchCodes(
      WeightSource source, IntegerGrid grid, int count, DevicePointer codes, DevicePointer steps) {
    int group = grid.effectiveGroup(source.columns());
    KernelArguments arguments =
        sourceArguments(source, group, source.columns() / group)
            .int32(grid.bits())
            .pointer(steps)
            .pointer(codes);
    String entry = "%s_%s_codes_%s".formatted(MODULE, source.suffix(), layout(grid));
    kernels.launch(
        kernels.function(MODULE, entry), strips(count, source.columns()), arguments, source);
  }

  private KernelArguments sourceArguments(WeightSource source, int group, int groups) {
    return kernels
        .arguments()
        .pointer(source.data())
        .int64(source.stride())
        .int32(source.rows())
        .int32(source.columns())
        .int32(source.isAligned() ? 1 : 0)
        .int32(group)
        .int32(groups);
  }

  /** As the kernels number them. */
  private static int symmetry(IntegerGrid grid) {
    return switch (grid.symmetry()) {
      case ASYMMETRIC -> 0;
      case SYMMETRIC_FULL -> 1;
      case SYMMETRIC_RESTRICTED -> 2;
    };
  }

  private static String layout(IntegerGrid grid) {
    return grid.bits() <= MOST_NIBBLE_BITS ? "w4f" : "w8f";
  }

  private static LaunchShape strips(int rows, int columns) {
    return new LaunchShape(
        Dim3.of(Math.ceilDiv(rows, STRIP), Math.ceilDiv(columns, COLUMNS_PER_BLOCK)),
        Dim3.of(THREADS),
        0);
  }

  /**
   * Queues the way back: {@code (code - zero) * scale} in fp32, rounded to the output's type.
   *
   * @param codes as {@link #quantize} writes them
   * @param grids as {@link #quantize} writes them
   * @param rows N
   * @param columns K
   * @param grid the one the weight was quantized to
   * @param out {@code [N, K]}
   */
  public void dequantize(
      DevicePointer codes,
      DevicePointer grids,
      int rows,
      int columns,
      IntegerGrid grid,
      DeviceMatrix out) {
    requireGrid("packed weight", rows, columns, grid);
    out.requireShape("the dequantized weight", rows, columns);
    int group = grid.effectiveGroup(columns);
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(codes)
            .pointer(grids)
            .int32(grid.scaleType() == DType.F32 ? 1 : 0)
            .int32(rows)
            .int32(columns)
            .int32(group)
            .int32(columns / group)
            .pointer(out.data())
            .int32(out.stride());
    String entry = "%s_%s_values_%s".formatted(MODULE, out.suffix(), layout(grid));
    kernels.launch(
        kernels.function(MODULE, entry),
        strips(rows, columns),
        arguments,
        "N %d K %d, %s".formatted(rows, columns, grid));
  }

  /**
   * Queues the way back of a whole weight, {@code (code - zero) * scale} in fp32, rounded to the
   * output's type.
   *
   * @param out {@code [N, K]}
   */
  public void dequantize(PackedWeight weight, DeviceMatrix out) {
    // Codes and zeros say all; how the range was chosen no longer matters.
    IntegerGrid grid =
        new IntegerGrid(
            weight.bits(),
            weight.groupSize(),
            IntegerGrid.Symmetry.ASYMMETRIC,
            weight.scaleType(),
            Arithmetic.EXACT);
    dequantize(weight.codes(), weight.grids(), weight.rows(), weight.columns(), grid, out);
  }

  private static void requireGrid(String name, int rows, int columns, IntegerGrid grid) {
    if (!grid.divides(columns)) {
      throw new IllegalArgumentException(
          "tensor '%s' [%d, %d]: %d columns do not split into groups of %d; the nearest group that works is %d"
              .formatted(
                  name, rows, columns, columns, grid.groupSize(), grid.nearestGroup(columns)));
    }
    int group = grid.effectiveGroup(columns);
    if (grid.arithmetic() != Arithmetic.EXACT || (group != columns && group % STRIP != 0)) {
      throw new IllegalArgumentException(
          ("tensor '%s': %s is not quantized on the device; grids have exact arithmetic and groups"
                  + " of a multiple of 16 columns or whole rows")
              .formatted(name, grid));
    }
  }

  /** The kernels keep {@code row << 33 | isScale << 32 | place} of the first error. */
  private void checkError(WeightSource source, IntegerGrid grid, DevicePointer error) {
    long[] key = new long[1];
    kernels.stream().synchronize();
    kernels.driver().copyToHost(MemorySegment.ofArray(key), error);
    if (key[0] == -1) {
      return;
    }
    int row = (int) (key[0] >>> 33);
    int place = (int) key[0];
    if ((key[0] >>> 32 & 1) == 0) {
      throw new IllegalArgumentException(
          "tensor '%s' has the value %s at row %d, column %d; such a weight cannot be quantized"
              .formatted(source.name(), value(source, row, place), row, place));
    }
    throw new IllegalArgumentException(
        "tensor '%s', row %d, group %d: the scale does not fit %s%s"
            .formatted(
                source.name(),
                row,
                place,
                grid.scaleType(),
                grid.scaleType() == DType.F32 ? "" : "; use fp32 scales (-s32)"));
  }

  private float value(WeightSource source, int row, int column) {
    byte[] bytes = new byte[source.type().bytes()];
    long at = (row * source.stride() + column) * bytes.length;
    kernels.driver().copyToHost(MemorySegment.ofArray(bytes), source.data().plus(at));
    int bits = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      bits = bits << 8 | (bytes[i] & 0xFF);
    }
    return switch (source.type()) {
      case F16 -> Float.float16ToFloat((short) bits);
      case BF16 -> BFloat16.toFloat((short) bits);
      default -> Float.intBitsToFloat(bits);
    };
  }
}
