// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;

/** Keys or values in fp32. */
record FloatSide(HeadLayout layout, float[] values) implements TokenSide {
  @Override
  public void set(int head, int token, float[] from, int offset) {
    int base = head * layout.headSize();
    for (int dim = 0; dim < layout.headDim(); dim++) {
      values[base + layout.index(token, dim)] = from[offset + dim];
    }
  }

  @Override
  public void read(int head, float[] into, Scratch scratch) {
    System.arraycopy(values, head * layout.headSize(), into, 0, layout.headSize());
  }

  @Override
  public void copyFrom(PageSide other) {
    FloatSide from = (FloatSide) other;
    System.arraycopy(from.values, 0, values, 0, values.length);
  }

  @Override
  public void clear() {
    Arrays.fill(values, 0f);
  }

  @Override
  public long bytes() {
    return 4L * values.length;
  }
}
