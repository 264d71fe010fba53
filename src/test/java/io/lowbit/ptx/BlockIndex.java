// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.Dim3;

/** Position of a block in its grid. */
public record BlockIndex(int x, int y, int z) {
  static BlockIndex of(int linear, Dim3 grid) {
    return new BlockIndex(
        linear % grid.x(), linear / grid.x() % grid.y(), linear / grid.x() / grid.y());
  }

  @Override
  public String toString() {
    return "(%d, %d, %d)".formatted(x, y, z);
  }
}
