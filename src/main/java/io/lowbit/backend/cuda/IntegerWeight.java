// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.lowbit.quant.Arithmetic;
import io.lowbit.quant.CodePacking;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/**
 * A weight of signed bytes in device memory, in the order in which {@link GemmW8A8} feeds tensor
 * cores; {@code value = (byte - zero) * scale}. Closing frees it.
 *
 * <p>Bytes {@code [N/64][K/64][4 strips of 16 rows][2 steps of 32 k][32 lanes][16]}: code -
 * 2^(bits-1), and 0 in the padding. With g = lane / 4 and t = lane % 4 the 16 bytes of a lane are
 * (row g, k 4t to 4t + 3), (row g + 8, the same k), (row g, k + 16), (row g + 8, k + 16).
 *
 * <p>Grids {@code [N/16 strips][groups][16 rows]}, little-endian: {fp16 scale, int16 zero, int32
 * sum}, or, where scales are fp32, {fp32 scale, int32 zero, int32 sum, 0}. zero is the zero point -
 * 2^(bits-1), sum that of (byte - zero) over the group.
 *
 * @param memory bytes, then grids
 * @param rows N, output features
 * @param columns K, inputs
 * @param group columns of a group
 * @param wide whether scales are fp32
 * @param shifted whether zeros may differ from 0: the weight is asymmetric
 */
public record IntegerWeight(
    DeviceMemory memory, int rows, int columns, int group, boolean wide, boolean shifted)
    implements AutoCloseable {
  private static final int TILE = 64;
  private static final int STRIP = 16;
  private static final int TILE_BYTES = TILE * TILE;
  // Sums of so many products (code - zero) (code - zero) fit 32 bits: 255 * 255 * 33,024 < 2^31.
  static final int LONGEST_SHORT_GROUP = 33_024;

  // The product of two bytes is at most 2^14, and 2^17 of them still fit 32 bits.
  private static final int LONGEST_GROUP = 1 << 17;

  /** Whether {@link #upload} takes a matrix. */
  public static boolean supports(GroupedInteger matrix) {
    return refusal(matrix).isEmpty();
  }

  /** Why a matrix cannot be multiplied in integers; empty if it can. */
  private static String refusal(GroupedInteger matrix) {
    IntegerGrid grid = matrix.grid();
    long group = grid.effectiveGroup(matrix.columns());
    if (grid.arithmetic() != Arithmetic.EXACT) {
      return "compat arithmetic, which rounds every weight; only exact ones are integers";
    }
    if (group != matrix.columns() && group % 32 != 0) {
      return "groups of %d columns; groups are multiples of 32 or the whole row".formatted(group);
    }
    int longest = group == matrix.columns() ? LONGEST_GROUP : LONGEST_SHORT_GROUP;
    if (group > longest) {
      return "groups of %,d columns; sums of more than %,d products may not fit 32 bits"
          .formatted(group, longest);
    }
    return "";
  }

  /**
   * Repacks a matrix and copies it to the device.
   *
   * @throws IllegalArgumentException unless it is {@link #supports supported}
   */
  public static IntegerWeight upload(GpuDriver driver, GroupedInteger matrix) {
    String refusal = refusal(matrix);
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException("a weight for integer products has " + refusal);
    }
    int rows = Math.toIntExact(matrix.rows());
    int columns = Math.toIntExact(matrix.columns());
    int group = matrix.grid().effectiveGroup(columns);
    boolean wide = matrix.grid().scaleType() == DType.F32;
    boolean shifted = matrix.grid().symmetry() == Symmetry.ASYMMETRIC;
    long bytes = codeBytes(rows, columns) + gridBytes(rows, columns / group, wide);
    DeviceMemory memory = driver.allocate(bytes);
    IntegerWeight weight = new IntegerWeight(memory, rows, columns, group, wide, shifted);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment image = arena.allocate(bytes, TILE);
      IntStream.range(0, Math.ceilDiv(rows, TILE))
          .parallel()
          .forEach(tile -> weight.pack(matrix, tile, image));
      driver.copyToDevice(memory.pointer(), image);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
    return weight;
  }

  /** Groups per row. */
  public int groups() {
    return columns / group;
  }

  /** Where the bytes start. */
  DevicePointer codes() {
    return memory.pointer();
  }

  /** Where the grids start. */
  DevicePointer grids() {
    return memory.pointer().plus(codeBytes(rows, columns));
  }

  private static long codeBytes(int rows, int columns) {
    return (long) Math.ceilDiv(rows, TILE) * Math.ceilDiv(columns, TILE) * TILE_BYTES;
  }

  private static long gridBytes(int rows, int groups, boolean wide) {
    return (long) Math.ceilDiv(rows, TILE) * TILE * groups * (wide ? 16 : 8);
  }

  private void pack(GroupedInteger matrix, int tile, MemorySegment image) {
    int bits = matrix.grid().bits();
    byte[] codes = new byte[Math.ceilDiv(columns, TILE) * TILE];
    for (int row = tile * TILE; row < Math.min(rows, (tile + 1) * TILE); row++) {
      long packedRow = row * GroupedInteger.rowBytes(columns, bits);
      CodePacking.unpack(matrix.codes(), packedRow, 0, columns, bits, codes, 0);
      for (int k = 0; k < columns; k++) {
        codes[k] = (byte) ((codes[k] & 0xFF) - (1 << (bits - 1)));
      }
      storeCodes(codes, row, image);
      for (int g = 0; g < groups(); g++) {
        int zero = matrix.zero(row, g) - (1 << (bits - 1));
        storeGrid(row, g, matrix.scale(row, g), zero, sum(codes, g) - group * zero, image);
      }
    }
  }

  private int sum(byte[] codes, int g) {
    int sum = 0;
    for (int k = g * group; k < (g + 1) * group; k++) {
      sum += codes[k];
    }
    return sum;
  }

  private static void storeCodes(byte[] codes, int row, MemorySegment image) {
    int tiles = codes.length / TILE;
    int inStrip = row % STRIP;
    long first = (long) (row / TILE) * tiles * TILE_BYTES + row % TILE / STRIP * 1024L;
    for (int k = 0; k < codes.length; k += 4) {
      int lane = inStrip % 8 * 4 + k % 16 / 4;
      int register = k % 32 / 16 * 2 + inStrip / 8;
      long at =
          first
              + (long) (k / TILE) * TILE_BYTES
              + k % TILE / 32 * 512L
              + lane * 16L
              + register * 4L;
      int word =
          (codes[k] & 0xFF)
              | (codes[k + 1] & 0xFF) << 8
              | (codes[k + 2] & 0xFF) << 16
              | codes[k + 3] << 24;
      image.set(JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at, word);
    }
  }

  private void storeGrid(int row, int g, float scale, int zero, int sum, MemorySegment image) {
    long place = ((long) (row / STRIP) * groups() + g) * STRIP + row % STRIP;
    long at = codeBytes(rows, columns) + place * (wide ? 16 : 8);
    if (wide) {
      putInt(image, at, Float.floatToRawIntBits(scale));
      putInt(image, at + 4, zero);
      putInt(image, at + 8, sum);
    } else {
      putInt(image, at, (Float.floatToFloat16(scale) & 0xFFFF) | zero << 16);
      putInt(image, at + 4, sum);
    }
  }

  private static void putInt(MemorySegment image, long at, int value) {
    image.set(JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), at, value);
  }

  @Override
  public void close() {
    memory.close();
  }
}
