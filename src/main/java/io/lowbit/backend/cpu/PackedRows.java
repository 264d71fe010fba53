// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

/**
 * Rows of activations in the order in which the {@link MicroKernel} reads them: {@code
 * [panels][depth][panelRows]}, missing rows of the last panel zero.
 *
 * @param values at least {@code panels() * panelRows * depth} values
 * @param rows rows that count
 * @param panelRows {@link MicroKernel#ROWS}, or 1 for a single row
 * @param depth values per row
 */
record PackedRows(float[] values, int rows, int panelRows, int depth) {
  int panels() {
    return (rows + panelRows - 1) / panelRows;
  }

  /** Rows per panel that suit a product with {@code rows} rows. */
  static int panelRows(int rows) {
    return rows == 1 ? 1 : MicroKernel.ROWS;
  }

  /** Values an array needs to hold so many rows; fails where a Java array ends. */
  static int size(int rows, int depth) {
    int panelRows = panelRows(rows);
    long size = (long) (rows + panelRows - 1) / panelRows * panelRows * depth;
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "%,d rows of %,d values are too many for one product; use smaller batches"
              .formatted(rows, depth));
    }
    return (int) size;
  }

  /** Where a panel's values of column {@code k} start. */
  int at(int panel, int k) {
    return (panel * depth + k) * panelRows;
  }

  /** Copies one row in. */
  void set(int row, float[] from, int offset) {
    int at = at(row / panelRows, 0) + row % panelRows;
    for (int k = 0; k < depth; k++) {
      values[at + k * panelRows] = from[offset + k];
    }
  }

  /** Clears the rows of the last panel that do not count. */
  void clearPadding() {
    for (int row = rows; row < panels() * panelRows; row++) {
      int at = at(row / panelRows, 0) + row % panelRows;
      for (int k = 0; k < depth; k++) {
        values[at + k * panelRows] = 0;
      }
    }
  }
}
