// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.quant.CodePacking;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An integer weight matrix in device memory, {@code w = (code - zero) * scale}, laid out as {@link
 * FragmentLayout} says.
 *
 * @param layout bits that a code takes in memory, rows N and columns K
 * @param groupSize columns that share scale and zero: a multiple of 16 that divides K, or K
 * @param scaleType F16 or F32: what scales and zeros are stored in
 * @param codeMemory the codes
 * @param gridMemory the pairs {scale, zero}
 */
public record PackedWeight(
    FragmentLayout layout,
    int groupSize,
    DType scaleType,
    DeviceMemory codeMemory,
    DeviceMemory gridMemory)
    implements AutoCloseable {
  private static final int SMALLEST_GROUP_STEP = 16;
  private static final int NARROW_BITS = 4;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Refuses what the kernels cannot read. */
  public PackedWeight {
    requireGrid(layout, groupSize, scaleType);
  }

  private static void requireGrid(FragmentLayout layout, int groupSize, DType scaleType) {
    int columns = layout.columns();
    if (!suits(groupSize, columns)) {
      throw new IllegalArgumentException(
          ("groups of %d in rows of %d columns; packed weights have groups of a multiple of %d that"
                  + " divides the row, or one")
              .formatted(groupSize, columns, SMALLEST_GROUP_STEP));
    }
    if (scaleType != DType.F16 && scaleType != DType.F32) {
      throw new IllegalArgumentException("packed weights have F16 or F32 scales, not " + scaleType);
    }
  }

  /** Whether the kernels read groups of such a size. */
  static boolean suits(int group, long columns) {
    return group == columns
        || (group > 0 && group % SMALLEST_GROUP_STEP == 0 && columns % group == 0);
  }

  /**
   * Whether a matrix can be packed: its groups fit, and its values are the fp32 products, not these
   * rounded to the scale's type as compat schemes of 16-bit models have it.
   */
  public static boolean supports(GroupedInteger weight) {
    IntegerGrid grid = weight.grid();
    return !grid.roundsValues()
        && (grid.scaleType() == DType.F16 || grid.scaleType() == DType.F32)
        && weight.rows() > 0
        && weight.rows() <= Integer.MAX_VALUE - FragmentLayout.ROWS
        && weight.columns() <= Integer.MAX_VALUE - FragmentLayout.COLUMNS
        && suits(grid.effectiveGroup(weight.columns()), weight.columns());
  }

  /** Bits that codes of {@code bits} take packed. */
  public static int containerBits(int bits) {
    return bits <= NARROW_BITS ? NARROW_BITS : Byte.SIZE;
  }

  /** Memory for a matrix that a kernel fills, padding included. */
  public static PackedWeight allocate(
      GpuDriver driver, FragmentLayout layout, int groupSize, DType scaleType) {
    requireGrid(layout, groupSize, scaleType);
    DeviceMemory codes = driver.allocate(layout.codeBytes());
    try {
      int groups = layout.columns() / groupSize;
      DeviceMemory grids = driver.allocate(layout.gridBytes(groups, scaleType.bytes()));
      return new PackedWeight(layout, groupSize, scaleType, codes, grids);
    } catch (RuntimeException e) {
      codes.close();
      throw e;
    }
  }

  /** Packs a matrix into the narrowest layout and copies it to the device. */
  public static PackedWeight upload(GpuDriver driver, GroupedInteger weight) {
    return upload(driver, weight, containerBits(weight.grid().bits()));
  }

  /**
   * Packs a matrix and copies it to the device.
   *
   * @param container bits that a code shall take, 4 or 8, at least those of the grid
   * @throws IllegalArgumentException if it is not {@linkplain #supports supported}
   */
  public static PackedWeight upload(GpuDriver driver, GroupedInteger weight, int container) {
    IntegerGrid grid = weight.grid();
    if (!supports(weight) || container < grid.bits()) {
      throw new IllegalArgumentException(
          "a [%d, %d] matrix of %s cannot be packed into codes of %d bits; dequantize it"
              .formatted(weight.rows(), weight.columns(), grid, container));
    }
    FragmentLayout layout =
        new FragmentLayout(
            container, Math.toIntExact(weight.rows()), Math.toIntExact(weight.columns()));
    PackedWeight packed =
        allocate(driver, layout, grid.effectiveGroup(weight.columns()), grid.scaleType());
    try {
      // One image after the other: the codes of a large matrix are most of a gigabyte.
      copy(driver, packed.codes(), layout.codeBytes(), image -> packCodes(weight, layout, image));
      copy(driver, packed.grids(), packed.gridMemory.bytes(), image -> packGrids(weight, image));
      return packed;
    } catch (RuntimeException e) {
      packed.close();
      throw e;
    }
  }

  private interface Packer {
    void pack(MemorySegment image);
  }

  private static void copy(GpuDriver driver, DevicePointer to, long bytes, Packer packer) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment image = arena.allocate(bytes, 64);
      packer.pack(image);
      driver.copyToDevice(to, image);
    }
  }

  /** Writes the codes, {@link FragmentLayout#codeBytes} zeroed bytes; strips in parallel. */
  static void packCodes(GroupedInteger weight, FragmentLayout layout, MemorySegment image) {
    int[] bits = new int[FragmentLayout.STRIP * FragmentLayout.COLUMNS];
    Arrays.setAll(
        bits, i -> layout.bitInStrip(i / FragmentLayout.COLUMNS, i % FragmentLayout.COLUMNS));
    int strips = Math.ceilDiv(layout.rows(), FragmentLayout.STRIP);
    IntStream.range(0, strips)
        .parallel()
        .forEach(strip -> packStrip(weight, layout, strip, bits, image));
  }

  private static void packStrip(
      GroupedInteger weight, FragmentLayout layout, int strip, int[] bits, MemorySegment image) {
    int columns = layout.columns();
    int rowCodes = layout.columnTiles() * FragmentLayout.COLUMNS;
    int firstRow = strip * FragmentLayout.STRIP;
    int rows = Math.min(FragmentLayout.STRIP, layout.rows() - firstRow);
    int codeBits = weight.grid().bits();
    long rowBytes = GroupedInteger.rowBytes(columns, codeBits);
    byte[] codes = new byte[FragmentLayout.STRIP * rowCodes];
    for (int row = 0; row < rows; row++) {
      long from = (firstRow + row) * rowBytes;
      CodePacking.unpack(weight.codes(), from, 0, columns, codeBits, codes, row * rowCodes);
    }
    int[] words = new int[layout.stripBytes() / Integer.BYTES];
    for (int tile = 0; tile < layout.columnTiles(); tile++) {
      Arrays.fill(words, 0);
      fillWords(codes, tile * FragmentLayout.COLUMNS, rowCodes, bits, words);
      MemorySegment.copy(words, 0, image, INT, layout.stripByte(strip, tile), words.length);
    }
  }

  private static void fillWords(byte[] codes, int first, int rowCodes, int[] bits, int[] words) {
    int i = 0;
    for (int row = 0; row < FragmentLayout.STRIP; row++) {
      int from = first + row * rowCodes;
      for (int column = 0; column < FragmentLayout.COLUMNS; column++, i++) {
        words[bits[i] >>> 5] |= (codes[from + column] & 0xFF) << bits[i];
      }
    }
  }

  /** Writes the pairs into zeroed bytes. */
  static void packGrids(GroupedInteger weight, MemorySegment image) {
    boolean half = weight.grid().scaleType() == DType.F16;
    int groups = weight.groups();
    IntStream.range(0, Math.toIntExact(weight.rows()))
        .parallel()
        .forEach(row -> {
          for (int group = 0; group < groups; group++) {
            long at = 2 * FragmentLayout.pair(row, group, groups);
            float scale = weight.scale(row, group);
            int zero = weight.zero(row, group);
            if (half) {
              image.set(SHORT, 2 * at, Float.floatToFloat16(scale));
              image.set(SHORT, 2 * at + 2, Float.floatToFloat16(zero));
            } else {
              image.set(FLOAT, 4 * at, scale);
              image.set(FLOAT, 4 * at + 4, zero);
            }
          }
        });
  }

  /** Bits that a code takes. */
  public int bits() {
    return layout.bits();
  }

  /** N, output features. */
  public int rows() {
    return layout.rows();
  }

  /** K, input features. */
  public int columns() {
    return layout.columns();
  }

  /** First code. */
  public DevicePointer codes() {
    return codeMemory.pointer();
  }

  /** First pair {scale, zero}. */
  public DevicePointer grids() {
    return gridMemory.pointer();
  }

  /** Bytes of device memory. */
  public long bytes() {
    return codeMemory.bytes() + gridMemory.bytes();
  }

  @Override
  public void close() {
    codeMemory.close();
    gridMemory.close();
  }
}
