// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.tensor.DType;
import java.util.Arrays;

/** Keys or values in a 16-bit base type, which the appended values already have. */
record HalfSide(HeadLayout layout, DType type, short[] values) implements TokenSide {
  @Override
  public void set(int head, int token, float[] from, int offset) {
    int base = head * layout.headSize();
    for (int dim = 0; dim < layout.headDim(); dim++) {
      values[base + layout.index(token, dim)] = Rounding.narrow(type, from[offset + dim]);
    }
  }

  @Override
  public void read(int head, float[] into, Scratch scratch) {
    Rounding.widen(type, values, head * layout.headSize(), into, 0, layout.headSize());
  }

  @Override
  public void copyFrom(PageSide other) {
    HalfSide from = (HalfSide) other;
    System.arraycopy(from.values, 0, values, 0, values.length);
  }

  @Override
  public void clear() {
    Arrays.fill(values, (short) 0);
  }

  @Override
  public long bytes() {
    return 2L * values.length;
  }
}
