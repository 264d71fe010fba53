// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.tensor.DType;
import java.lang.foreign.Arena;
import java.util.Arrays;

/** A weight of packed codes; tiles are dequantized when used, the whole matrix never is. */
final class IntegerPanels extends PanelWeight {
  private final Arena arena;
  private final CodePlane codes;
  private final GroupParameters parameters;
  private final int group;
  private final DType valueType;

  /**
   * Takes over repacked planes.
   *
   * @param arena holds the planes; closed with the weight
   * @param group columns that share a grid
   * @param valueType what dequantized values are rounded to: F32 except in compat
   */
  IntegerPanels(
      long rows,
      long columns,
      Arena arena,
      CodePlane codes,
      GroupParameters parameters,
      int group,
      DType valueType) {
    super(rows, columns);
    this.arena = arena;
    this.codes = codes;
    this.parameters = parameters;
    this.group = group;
    this.valueType = valueType;
  }

  /** Columns that share a grid. */
  int group() {
    return group;
  }

  @Override
  boolean isPacked() {
    return true;
  }

  @Override
  boolean hasIntegers() {
    return parameters.centred() && valueType == DType.F32;
  }

  /** Reads codes and grids of columns {@code from} to {@code from + count - 1}. */
  private int read(int panel, int from, int count, Scratch scratch) {
    int first = from / group;
    int groups = (from + count - 1) / group - first + 1;
    parameters.read(panel, first, groups, scratch);
    return codes.copy(panel, from, count, scratch.words);
  }

  /** Columns of {@code [from + done, from + count)} that are in the group of the first of them. */
  int run(int from, int done, int count) {
    return Math.min(count - done, group - (from + done) % group);
  }

  @Override
  void tile(int panel, int from, int count, Scratch scratch) {
    int bits = codes.bits();
    int bit = read(panel, from, count, scratch);
    for (int done = 0, g = 0; done < count; g++) {
      int run = run(from, done, count);
      int start = bit + done * bits;
      int at = done * Lanes.WIDTH;
      CodeKernel.dequantize(scratch.words, 0, start, bits, run, scratch.grid, g, scratch.tile, at);
      done += run;
    }
    Rounding.round(valueType, scratch.tile, 0, count * Lanes.WIDTH);
  }

  @Override
  void multiply(int panel, int from, int count, float[] x, int at, Scratch scratch) {
    if (valueType != DType.F32) {
      super.multiply(panel, from, count, x, at, scratch);
      return;
    }
    int bits = codes.bits();
    int bit = read(panel, from, count, scratch);
    Arrays.fill(scratch.sums, 0f);
    for (int done = 0, g = 0; done < count; g++) {
      int run = run(from, done, count);
      int start = bit + done * bits;
      CodeKernel.multiply(
          scratch.words, start, bits, run, scratch.grid, g, x, at + done, scratch.sums);
      done += run;
    }
  }

  /**
   * Like {@link #tile} without the scales: the integers code - zero. The scales are left in {@code
   * scratch.grid}, that of column c at group {@code c / group() - from / group()}.
   */
  void integerTile(int panel, int from, int count, Scratch scratch) {
    int bits = codes.bits();
    int bit = read(panel, from, count, scratch);
    for (int done = 0, g = 0; done < count; g++) {
      int run = run(from, done, count);
      int start = bit + done * bits;
      int at = done * Lanes.WIDTH;
      CodeKernel.integers(scratch.words, start, bits, run, scratch.grid, g, scratch.tile, at);
      done += run;
    }
  }

  @Override
  public long bytes() {
    return codes.bytes() + parameters.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
