// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.lang.foreign.MemorySegment;

/**
 * A matrix in one of the block formats of GGUF files, as it lies in the file.
 *
 * @param type block format
 * @param rows output channels
 * @param columns input channels, a multiple of the block size
 * @param data {@code rows * columns / type.blockSize() * type.blockBytes()} bytes, row-major blocks
 */
public record GgufBlocks(GgufType type, long rows, long columns, MemorySegment data)
    implements QuantizedTensor {
  @Override
  public long bytes() {
    return data.byteSize();
  }

  @Override
  public double bitsPerWeight() {
    return 8.0 * type.blockBytes() / type.blockSize();
  }

  @Override
  public void dequantize(long row, int column, int count, float[] into, int offset) {
    type.dequantize(data, row * rowBytes(), column, count, into, offset);
  }

  /** Bytes of one row. */
  public long rowBytes() {
    return columns / type.blockSize() * type.blockBytes();
  }

  @Override
  public GgufBlocks reorderRows(int[] order) {
    return new GgufBlocks(type, rows, columns, GroupedInteger.copyRows(data, rowBytes(), order));
  }
}
