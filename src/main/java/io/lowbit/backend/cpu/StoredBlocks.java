// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.GgufBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A weight in a block format that has no panel layout of its own: the blocks stay as they lie in
 * the file and are decoded and transposed tile by tile, in plain loops. A batch of some hundred
 * rows hides the cost; decoding token by token does not.
 */
final class StoredBlocks extends PanelWeight {
  private final Arena arena = Arena.ofShared();
  private final GgufBlocks blocks;

  StoredBlocks(GgufBlocks matrix) {
    super(matrix.rows(), matrix.columns());
    MemorySegment copy = arena.allocate(matrix.data().byteSize(), 64).copyFrom(matrix.data());
    blocks = new GgufBlocks(matrix.type(), matrix.rows(), matrix.columns(), copy);
  }

  @Override
  boolean isPacked() {
    return true;
  }

  @Override
  void tile(int panel, int from, int count, Scratch scratch) {
    float[] row = scratch.array(Scratch.ROW, count);
    for (int lane = 0; lane < Lanes.WIDTH; lane++) {
      int index = panel * Lanes.WIDTH + lane;
      if (index < rows()) {
        blocks.dequantize(index, from, count, row, 0);
      }
      for (int k = 0; k < count; k++) {
        scratch.tile[k * Lanes.WIDTH + lane] = index < rows() ? row[k] : 0f;
      }
    }
  }

  @Override
  public long bytes() {
    return blocks.bytes();
  }

  @Override
  public void close() {
    arena.close();
  }
}
