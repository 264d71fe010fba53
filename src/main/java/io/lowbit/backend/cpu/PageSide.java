// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.util.Optional;

/** The keys or the values of up to {@link HeadLayout#PAGE} tokens of one layer. */
sealed interface PageSide permits FloatSide, HalfSide, CodeSide {
  /** An empty side. */
  static PageSide create(HeadLayout layout, DType base, Optional<IntegerGrid> grid) {
    if (grid.isPresent()) {
      return CodeSide.create(layout, grid.get());
    }
    int size = layout.heads() * layout.headSize();
    return base == DType.F32
        ? new FloatSide(layout, new float[size])
        : new HalfSide(layout, base, new short[size]);
  }

  /** Stores one head of one token, quantizing it where the side is quantized. */
  void set(int head, int token, float[] from, int offset);

  /** Writes the stored values of one head, {@code [panels][depth][WIDTH]}. */
  void read(int head, float[] into, Scratch scratch);

  /** Takes over the content of a side of the same layout. */
  void copyFrom(PageSide other);

  /** Makes it as new. */
  void clear();

  long bytes();
}
