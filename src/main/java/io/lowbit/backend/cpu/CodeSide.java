// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import java.util.Arrays;

/**
 * Keys or values as packed codes with a scale and a zero point per token, head and group.
 *
 * @param grids {@code [heads][groups][PAGE]}
 */
record CodeSide(HeadLayout layout, IntegerGrid grid, SideCodes codes, StoredGrids grids)
    implements TokenSide {
  private static final int PAGE = HeadLayout.PAGE;
  private static final int WIDTH = Lanes.WIDTH;

  static CodeSide create(HeadLayout layout, IntegerGrid grid) {
    int groups = layout.headDim() / grid.effectiveGroup(layout.headDim());
    return new CodeSide(
        layout,
        grid,
        SideCodes.allocate(layout, grid.bits()),
        StoredGrids.allocate(grid.scaleType(), layout.heads() * groups * PAGE));
  }

  /** Refuses groups that do not divide a head. */
  static void requireWholeGroups(int headDim, IntegerGrid grid) {
    int group = grid.effectiveGroup(headDim);
    if (headDim % group != 0) {
      throw new IllegalArgumentException(
          ("heads of %d values cannot be quantized in groups of %d; take a divisor of the head"
                  + " dimension, or 0 for one group per head")
              .formatted(headDim, group));
    }
  }

  private int group() {
    return grid.effectiveGroup(layout.headDim());
  }

  private int groups() {
    return layout.headDim() / group();
  }

  private int gridAt(int head, int group, int token) {
    return (head * groups() + group) * PAGE + token;
  }

  @Override
  public void set(int head, int token, float[] from, int offset) {
    int count = layout.headDim();
    byte[] newCodes = new byte[count];
    float[] newScales = new float[groups()];
    int[] newZeros = new int[groups()];
    RowQuantizer.quantize(from, offset, count, grid, newCodes, 0, newScales, newZeros, 0);
    for (int g = 0; g < groups(); g++) {
      grids.set(gridAt(head, g, token), newScales[g], newZeros[g]);
    }
    for (int dim = 0; dim < count; dim++) {
      codes.set(head, token, dim, newCodes[dim] & 0xFF);
    }
  }

  @Override
  public void read(int head, float[] into, Scratch scratch) {
    scratch.grid.clearMinimum(1);
    for (int panel = 0; panel < layout.panels(); panel++) {
      if (layout.keys()) {
        readKeys(head, panel, into, scratch.grid);
      } else {
        readValues(head, panel, into, scratch.grid);
      }
    }
    if (grid.roundsValues()) {
      Rounding.round(grid.scaleType(), into, 0, layout.headSize());
    }
  }

  /** Lanes are tokens: each has its own grid, group after group. */
  private void readKeys(int head, int panel, float[] into, GroupGrid lanes) {
    for (int g = 0; g < groups(); g++) {
      for (int lane = 0; lane < WIDTH; lane++) {
        int index = gridAt(head, g, panel * WIDTH + lane);
        lanes.scale[lane] = grids.scale(index);
        lanes.zero[lane] = grids.zero(index);
      }
      codes.dequantize(head, panel, g * group(), group(), lanes, into);
    }
  }

  /** Lanes are values of the head: each token has its own grids, a run of lanes per group. */
  private void readValues(int head, int panel, float[] into, GroupGrid lanes) {
    int end = Math.min(WIDTH, layout.headDim() - panel * WIDTH);
    for (int token = 0; token < PAGE; token++) {
      for (int lane = 0; lane < end; ) {
        int g = (panel * WIDTH + lane) / group();
        int next = Math.min(end, (g + 1) * group() - panel * WIDTH);
        int index = gridAt(head, g, token);
        Arrays.fill(lanes.scale, lane, next, grids.scale(index));
        Arrays.fill(lanes.zero, lane, next, grids.zero(index));
        lane = next;
      }
      Arrays.fill(lanes.scale, end, WIDTH, 0f);
      codes.dequantize(head, panel, token, 1, lanes, into);
    }
  }

  @Override
  public void copyFrom(PageSide other) {
    CodeSide from = (CodeSide) other;
    codes.copyFrom(from.codes);
    grids.copyFrom(from.grids);
  }

  @Override
  public void clear() {
    codes.clear();
    grids.clear();
  }

  @Override
  public long bytes() {
    return codes.bytes() + grids.bytes();
  }
}
