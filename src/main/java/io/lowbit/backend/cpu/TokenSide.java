// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.tensor.DType;

/** A side that takes tokens one by one. */
sealed interface TokenSide extends PageSide permits FloatSide, HalfSide, CodeSide {
  /** An empty side in the base type. */
  static TokenSide exact(HeadLayout layout, DType base) {
    int size = layout.heads() * layout.headSize();
    return base == DType.F32
        ? new FloatSide(layout, new float[size])
        : new HalfSide(layout, base, new short[size]);
  }

  /** Stores one head of one token, quantizing it where the side is quantized. */
  void set(int head, int token, float[] from, int offset);
}
