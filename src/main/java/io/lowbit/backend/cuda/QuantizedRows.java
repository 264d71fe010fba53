// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * Rows of signed bytes in device memory, as {@link TokenQuantizer} writes and {@link GemmW8A8}
 * reads them: {@code value = (byte - zero) * scale}.
 *
 * @param codes bytes {@code [rows][stride]}: code - 2^(bits-1), and 0 from column {@code columns}
 *     on
 * @param scales fp32 {@code [rows]}
 * @param zeros int32 {@code [rows]}: zero point - 2^(bits-1)
 * @param sums int32 {@code [rows][groups]}: the sum of the bytes of each group of columns
 * @param rows rows, zero or more
 * @param columns values per row
 * @param group columns of a group: of the weight that the rows will meet, not of the rows' own grid
 */
public record QuantizedRows(
    DevicePointer codes,
    DevicePointer scales,
    DevicePointer zeros,
    DevicePointer sums,
    int rows,
    int columns,
    int group) {
  private static final int PADDING = 64;
  private static final int ALIGNMENT = 16;

  /** Refuses groups that do not divide the columns. */
  public QuantizedRows {
    if (rows < 0 || columns < 1 || group < 1 || columns % group != 0) {
      throw new IllegalArgumentException(
          "%d rows of %d columns do not split into groups of %d".formatted(rows, columns, group));
    }
  }

  /** Bytes from one row of codes to the next: {@code columns} padded to 64. */
  public int stride() {
    return stride(columns);
  }

  /** Groups per row. */
  public int groups() {
    return columns / group;
  }

  private static int stride(int columns) {
    return Math.ceilDiv(columns, PADDING) * PADDING;
  }

  /** Bytes of device memory that {@link #in} divides. */
  public static long bytes(int rows, int columns, int group) {
    return (long) rows * stride(columns)
        + 2 * aligned(4L * rows)
        + aligned(4L * rows * (columns / group));
  }

  /**
   * Rows in a piece of memory.
   *
   * @param memory {@link #bytes} bytes, aligned to 16
   */
  public static QuantizedRows in(DevicePointer memory, int rows, int columns, int group) {
    DevicePointer scales = memory.plus((long) rows * stride(columns));
    DevicePointer zeros = scales.plus(aligned(4L * rows));
    DevicePointer sums = zeros.plus(aligned(4L * rows));
    return new QuantizedRows(memory, scales, zeros, sums, rows, columns, group);
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
