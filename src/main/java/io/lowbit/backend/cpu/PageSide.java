// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

/** The keys or the values of up to {@link HeadLayout#PAGE} tokens of one layer, in one form. */
sealed interface PageSide permits TokenSide, ChannelSide, AbsentSide {
  /** Writes the stored values of one head, {@code [panels][depth][WIDTH]}. */
  void read(int head, float[] into, Scratch scratch);

  /** Takes over the content of a side of the same layout. */
  void copyFrom(PageSide other);

  /** Makes it as new. */
  void clear();

  long bytes();
}
