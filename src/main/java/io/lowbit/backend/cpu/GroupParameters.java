// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;

/**
 * Scales and zero points of the groups of an {@link IntegerPanels}, in the form they are stored.
 */
sealed interface GroupParameters {
  /** Bytes of all planes. */
  long bytes();

  /** Whether values are (code - zero) * scale with an integer zero. */
  boolean centred();

  /** Reads the grids of some groups in all lanes into {@code scratch.grid}. */
  void read(int panel, int group, int groups, Scratch scratch);

  /** A scale and a packed zero point per group. */
  record PackedZeros(Plane scales, CodePlane zeros) implements GroupParameters {
    @Override
    public long bytes() {
      return scales.bytes() + zeros.bytes();
    }

    @Override
    public boolean centred() {
      return true;
    }

    @Override
    public void read(int panel, int group, int groups, Scratch scratch) {
      scales.read(panel, group, groups, scratch.grid.scale, 0, scratch);
      int bit = zeros.copy(panel, group, groups, scratch.words);
      CodeKernel.unpack(scratch.words, bit, zeros.bits(), groups, scratch.grid.zero);
      scratch.grid.clearMinimum(groups);
    }
  }

  /** A scale per group, one zero point for all. */
  record ConstantZero(Plane scales, int zero) implements GroupParameters {
    @Override
    public long bytes() {
      return scales.bytes();
    }

    @Override
    public boolean centred() {
      return true;
    }

    @Override
    public void read(int panel, int group, int groups, Scratch scratch) {
      scales.read(panel, group, groups, scratch.grid.scale, 0, scratch);
      scratch.grid.centre(groups, zero);
    }
  }

  /** value = code * scale + minimum, as in Q4_1 and Q5_1. */
  record Minima(Plane scales, Plane minima) implements GroupParameters {
    @Override
    public long bytes() {
      return scales.bytes() + minima.bytes();
    }

    @Override
    public boolean centred() {
      return false;
    }

    @Override
    public void read(int panel, int group, int groups, Scratch scratch) {
      scales.read(panel, group, groups, scratch.grid.scale, 0, scratch);
      minima.read(panel, group, groups, scratch.grid.minimum, 0, scratch);
      Arrays.fill(scratch.grid.zero, 0, groups * Lanes.WIDTH, 0f);
    }
  }

  /**
   * The scale is the exact product of an integer per group and a half-precision factor per {@code
   * groupsPerFactor} groups, as in Q6_K.
   */
  record TwoLevels(Plane integers, Plane factors, int groupsPerFactor, int zero)
      implements GroupParameters {
    @Override
    public long bytes() {
      return integers.bytes() + factors.bytes();
    }

    @Override
    public boolean centred() {
      return true;
    }

    @Override
    public void read(int panel, int group, int groups, Scratch scratch) {
      float[] scale = scratch.grid.scale;
      integers.read(panel, group, groups, scale, 0, scratch);
      int first = group / groupsPerFactor;
      int count = (group + groups - 1) / groupsPerFactor - first + 1;
      float[] factor = scratch.grid.minimum;
      factors.read(panel, first, count, factor, 0, scratch);
      for (int g = 0; g < groups; g++) {
        int at = ((group + g) / groupsPerFactor - first) * Lanes.WIDTH;
        for (int lane = 0; lane < Lanes.WIDTH; lane++) {
          scale[g * Lanes.WIDTH + lane] *= factor[at + lane];
        }
      }
      scratch.grid.centre(groups, zero);
    }
  }
}
