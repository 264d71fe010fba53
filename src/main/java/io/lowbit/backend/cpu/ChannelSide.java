// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import java.util.Arrays;

/**
 * Keys as packed codes with a scale and a zero point per head, channel and block of consecutive
 * tokens (KIVI). A block is written when its last token has come; until then its content means
 * nothing.
 *
 * @param grid its group size is the tokens of a block, a divisor of the page
 * @param grids {@code [heads][blocks][headDim]}
 */
record ChannelSide(HeadLayout layout, IntegerGrid grid, SideCodes codes, StoredGrids grids)
    implements PageSide {
  private static final int PAGE = HeadLayout.PAGE;
  private static final int WIDTH = Lanes.WIDTH;

  static ChannelSide create(HeadLayout layout, IntegerGrid grid) {
    int blocks = PAGE / grid.groupSize();
    return new ChannelSide(
        layout,
        grid,
        SideCodes.allocate(layout, grid.bits()),
        StoredGrids.allocate(grid.scaleType(), layout.heads() * blocks * layout.headDim()));
  }

  private int gridAt(int head, int block, int dim) {
    return (head * (PAGE / grid.groupSize()) + block) * layout.headDim() + dim;
  }

  /**
   * Quantizes the blocks whose last token is one of {@code from} to {@code to - 1}.
   *
   * @param exact the page's keys, all tokens of those blocks among them
   */
  void complete(int head, int from, int to, PageSide exact, Scratch scratch) {
    int first = from / grid.groupSize();
    int end = to / grid.groupSize();
    if (first == end) {
      return;
    }
    float[] keys = scratch.array(Scratch.KEYS, layout.headSize());
    exact.read(head, keys, scratch);
    for (int block = first; block < end; block++) {
      for (int dim = 0; dim < layout.headDim(); dim++) {
        quantize(head, block, dim, keys);
      }
    }
  }

  private void quantize(int head, int block, int dim, float[] keys) {
    int count = grid.groupSize();
    float[] tokens = new float[count];
    byte[] newCodes = new byte[count];
    float[] newScale = new float[1];
    int[] newZero = new int[1];
    for (int i = 0; i < count; i++) {
      tokens[i] = keys[layout.index(block * count + i, dim)];
    }
    RowQuantizer.quantize(tokens, 0, count, grid, newCodes, 0, newScale, newZero, 0);
    grids.set(gridAt(head, block, dim), newScale[0], newZero[0]);
    for (int i = 0; i < count; i++) {
      codes.set(head, block * count + i, dim, newCodes[i] & 0xFF);
    }
  }

  /** Lanes are tokens: each channel has its own grids, a run of lanes per block. */
  @Override
  public void read(int head, float[] into, Scratch scratch) {
    GroupGrid lanes = scratch.grid;
    lanes.clearMinimum(1);
    int run = Math.min(WIDTH, grid.groupSize());
    for (int panel = 0; panel < layout.panels(); panel++) {
      for (int dim = 0; dim < layout.headDim(); dim++) {
        for (int lane = 0; lane < WIDTH; lane += run) {
          int index = gridAt(head, (panel * WIDTH + lane) / grid.groupSize(), dim);
          Arrays.fill(lanes.scale, lane, lane + run, grids.scale(index));
          Arrays.fill(lanes.zero, lane, lane + run, grids.zero(index));
        }
        codes.dequantize(head, panel, dim, 1, lanes, into);
      }
    }
    if (grid.roundsValues()) {
      Rounding.round(grid.scaleType(), into, 0, layout.headSize());
    }
  }

  @Override
  public void copyFrom(PageSide other) {
    ChannelSide from = (ChannelSide) other;
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
