// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shapes of this room and the widths that its layouts are built on. Layouts and sums are
 * defined by {@link #WIDTH} and {@link #PARTIAL_SUMS} alone, so neither memory nor results depend
 * on how wide the machine's vectors are.
 */
final class Lanes {
  /** The machine's vectors, but never wider than the number of partial sums. */
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() <= 16
          ? FloatVector.SPECIES_PREFERRED
          : FloatVector.SPECIES_512;

  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Values per vector: a divisor of 16. */
  static final int COUNT = FLOATS.length();

  /** Rows of a weight that lie side by side in a panel: two of the widest vectors. */
  static final int WIDTH = 32;

  /** Partial sums of a reduction along a row: element i belongs to sum i mod 16. */
  static final int PARTIAL_SUMS = 16;

  private Lanes() {}

  /** Panels that hold {@code rows} rows. */
  static int panels(int rows) {
    return (rows + WIDTH - 1) / WIDTH;
  }

  /** Adds 16 partial sums as a balanced tree. */
  static float total(float[] partial) {
    for (int step = PARTIAL_SUMS / 2; step > 0; step /= 2) {
      for (int i = 0; i < step; i++) {
        partial[i] += partial[i + step];
      }
    }
    return partial[0];
  }
}
