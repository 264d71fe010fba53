// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Integer codes with one scale and zero point per group of a row: {@code w = (code - zero) *
 * scale}, computed in fp32 (and in compat rounded to the scale type, as the original does).
 *
 * <p>Codes are unsigned, packed little-endian bit by bit within a row; each row starts at a byte.
 * Zero points of an asymmetric grid are packed the same way, one per group; a symmetric grid has
 * the constant zero {@code 2^(bits-1)} and stores none.
 *
 * @param rows output channels
 * @param columns input channels
 * @param grid bits, group size, symmetry, scale type
 * @param codes {@code rows * rowBytes(columns, bits)} bytes
 * @param scales {@code [rows, groups]} in the grid's scale type
 * @param zeros {@code rows * rowBytes(groups, bits)} bytes, or empty for symmetric grids
 */
public record GroupedInteger(
    long rows,
    long columns,
    IntegerGrid grid,
    MemorySegment codes,
    Tensor scales,
    MemorySegment zeros)
    implements QuantizedTensor {
  /** Checks that the parts fit each other. */
  public GroupedInteger {
    long groups = columns == 0 ? 0 : columns / grid.effectiveGroup(columns);
    if (columns == 0 || groups * grid.effectiveGroup(columns) != columns) {
      throw new IllegalArgumentException(
          "rows of %d columns do not split into groups of %d".formatted(columns, grid.groupSize()));
    }
    requireBytes("codes", rows * rowBytes(columns, grid.bits()), codes);
    boolean storesZeros = grid.symmetry() == IntegerGrid.Symmetry.ASYMMETRIC;
    requireBytes("zero points", storesZeros ? rows * rowBytes(groups, grid.bits()) : 0, zeros);
    if (scales.type() != grid.scaleType() || !scales.shape().equals(Shape.of(rows, groups))) {
      throw new IllegalArgumentException(
          "scales are %s %s, expected %s %s"
              .formatted(scales.type(), scales.shape(), grid.scaleType(), Shape.of(rows, groups)));
    }
  }

  private static void requireBytes(String what, long expected, MemorySegment actual) {
    if (actual.byteSize() != expected) {
      throw new IllegalArgumentException(
          "%s take %,d bytes, expected %,d".formatted(what, actual.byteSize(), expected));
    }
  }

  /** Bytes that a row of {@code count} codes of {@code bits} takes. */
  public static long rowBytes(long count, int bits) {
    return (count * bits + 7) / 8;
  }

  /** Groups per row. */
  public int groups() {
    return Math.toIntExact(scales.shape().columns());
  }

  /** The unsigned code at a position. */
  public int code(long row, long column) {
    return CodePacking.code(codes, row * rowBytes(columns, grid.bits()), column, grid.bits());
  }

  /** The zero point of a group. */
  public int zero(long row, int group) {
    return grid.symmetry() == IntegerGrid.Symmetry.ASYMMETRIC
        ? CodePacking.code(zeros, row * rowBytes(groups(), grid.bits()), group, grid.bits())
        : grid.fixedZero();
  }

  /** The scale of a group, widened to fp32. */
  public float scale(long row, int group) {
    return scales.get(row * groups() + group);
  }

  @Override
  public long bytes() {
    return codes.byteSize() + scales.data().byteSize() + zeros.byteSize();
  }

  @Override
  public double bitsPerWeight() {
    return grid.bitsPerWeight(columns);
  }

  @Override
  public void dequantize(long row, int column, int count, float[] into, int offset) {
    int group = grid.effectiveGroup(columns);
    long packedRow = row * rowBytes(columns, grid.bits());
    int done = 0;
    while (done < count) {
      int g = (column + done) / group;
      int run = Math.min(count - done, (g + 1) * group - column - done);
      CodePacking.decode(
          codes,
          packedRow,
          (long) column + done,
          run,
          grid.bits(),
          zero(row, g),
          scale(row, g),
          into,
          offset + done);
      done += run;
    }
    if (grid.roundsValues()) {
      RowQuantizer.round(into, offset, count, grid.scaleType());
    }
  }

  @Override
  public GroupedInteger reorderRows(int[] order) {
    MemorySegment reorderedCodes = copyRows(codes, rowBytes(columns, grid.bits()), order);
    MemorySegment reorderedScales =
        copyRows(scales.data(), (long) groups() * grid.scaleType().bytes(), order);
    MemorySegment reorderedZeros =
        zeros.byteSize() == 0 ? zeros : copyRows(zeros, rowBytes(groups(), grid.bits()), order);
    return new GroupedInteger(
        rows,
        columns,
        grid,
        reorderedCodes,
        new Tensor(scales.type(), scales.shape(), reorderedScales),
        reorderedZeros);
  }

  static MemorySegment copyRows(MemorySegment source, long rowBytes, int[] order) {
    MemorySegment target = Arena.ofAuto().allocate(order.length * rowBytes, 64);
    for (int i = 0; i < order.length; i++) {
      MemorySegment.copy(source, order[i] * rowBytes, target, i * rowBytes, rowBytes);
    }
    return target;
  }
}
