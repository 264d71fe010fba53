// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

/**
 * A matrix {@code [rows, columns]} stored in fewer bits: rows are output channels, groups run along
 * columns. One implementation per layout.
 */
public sealed interface QuantizedTensor permits GroupedInteger, GgufBlocks {
  /** Output channels. */
  long rows();

  /** Input channels; the contiguous dimension. */
  long columns();

  /** Bytes of codes, scales, zeros and whatever else is needed to get the values back. */
  long bytes();

  /** Stored bits per weight, exact: codes, scales and zeros, without padding. */
  double bitsPerWeight();

  /**
   * Writes the values of {@code count} columns of one row, starting at {@code column}, as fp32.
   *
   * @param into destination, filled from {@code offset}
   */
  void dequantize(long row, int column, int count, float[] into, int offset);

  /**
   * The same matrix with row {@code i} taken from row {@code order[i]} of this one; bits are kept,
   * nothing is re-quantized.
   */
  QuantizedTensor reorderRows(int[] order);
}
