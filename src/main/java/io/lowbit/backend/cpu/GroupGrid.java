// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;

/**
 * The affine grids of up to {@link Scratch#DEPTH} consecutive groups for the {@link Lanes#WIDTH}
 * lanes of a panel, {@code [groups][WIDTH]}: value = (code - zero) * scale + minimum, product and
 * sum fused. A grid without minimum has -0, the neutral element of addition, so that its values are
 * exactly the rounded products.
 */
final class GroupGrid {
  final float[] zero = new float[Scratch.DEPTH * Lanes.WIDTH];
  final float[] scale = new float[Scratch.DEPTH * Lanes.WIDTH];
  final float[] minimum = new float[Scratch.DEPTH * Lanes.WIDTH];

  /** Gives all groups the same zero point and no minimum. */
  void centre(int groups, float value) {
    Arrays.fill(zero, 0, groups * Lanes.WIDTH, value);
    clearMinimum(groups);
  }

  void clearMinimum(int groups) {
    Arrays.fill(minimum, 0, groups * Lanes.WIDTH, -0f);
  }
}
