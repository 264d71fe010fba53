// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

/**
 * Consecutive rows of a data file, counted from zero.
 *
 * @param first first row
 * @param last last row, included
 */
public record RowRange(int first, int last) {
  /** Checks the order. */
  public RowRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException(
          "rows " + first + "-" + last + " are no range; write FIRST-LAST, counted from 0");
    }
  }

  /** Reads {@code 300-569}. */
  public static RowRange parse(String text) {
    if (!text.matches("[0-9]{1,9}-[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is no range of rows; write FIRST-LAST, counted from 0");
    }
    int dash = text.indexOf('-');
    return new RowRange(
        Integer.parseInt(text.substring(0, dash)), Integer.parseInt(text.substring(dash + 1)));
  }

  /** Whether a row lies in it. */
  public boolean contains(int row) {
    return row >= first && row <= last;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
