// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Weight;
import java.util.Optional;

/**
 * A weight repacked into panels of {@link Lanes#WIDTH} rows. Inside a panel the columns run
 * slowest: the values of one column for all rows of the panel lie side by side, as the {@link
 * MicroKernel} wants them. Rows missing in the last panel are zero.
 */
abstract sealed class PanelWeight implements Weight
    permits DensePanels, IntegerPanels, StoredBlocks {
  private final int rows;
  private final int columns;

  PanelWeight(long rows, long columns) {
    this.rows = Math.toIntExact(rows);
    this.columns = Math.toIntExact(columns);
  }

  @Override
  public final int rows() {
    return rows;
  }

  @Override
  public final int columns() {
    return columns;
  }

  @Override
  public final Optional<String> kernel() {
    return isPacked() ? Optional.of("cpu") : Optional.empty();
  }

  /** Whether codes are kept as they are and dequantized tile by tile. */
  abstract boolean isPacked();

  final int panels() {
    return Lanes.panels(rows);
  }

  /**
   * Writes the values of columns {@code from} to {@code from + count - 1} of a panel to {@code
   * scratch.tile} as {@code [count][WIDTH]}; {@code count <= Scratch.DEPTH}.
   */
  abstract void tile(int panel, int from, int count, Scratch scratch);

  /**
   * Writes the products of one row with columns {@code from} to {@code from + count - 1} of a panel
   * to {@code scratch.sums}, 32 sums with the bits that {@link #tile} and {@link MicroKernel} give.
   *
   * @param x the row's values of these columns, from {@code at} on
   */
  void multiply(int panel, int from, int count, float[] x, int at, Scratch scratch) {
    tile(panel, from, count, scratch);
    MicroKernel.oneRow(x, at, scratch.tile, 0, count, scratch.sums);
  }

  /** Whether the values are integers times a scale per group, so that products can be integers. */
  boolean hasIntegers() {
    return false;
  }
}
