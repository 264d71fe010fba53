// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.RowQuantizer;
import io.lowbit.tensor.DType;
import java.util.Arrays;

/**
 * Keys or values as packed codes with a scale and a zero point per token, head and group.
 *
 * @param words bit strings {@code [heads][panels][words][WIDTH]} as in {@link CodePlane}
 * @param scales {@code [heads][groups][PAGE]}, where F32 takes two shorts each
 * @param zeros {@code [heads][groups][PAGE]}, one byte each
 */
record CodeSide(HeadLayout layout, IntegerGrid grid, int[] words, short[] scales, byte[] zeros)
    implements PageSide {
  private static final int PAGE = HeadLayout.PAGE;
  private static final int WIDTH = Lanes.WIDTH;

  static CodeSide create(HeadLayout layout, IntegerGrid grid) {
    int grids = layout.heads() * (layout.headDim() / grid.effectiveGroup(layout.headDim())) * PAGE;
    int strings = layout.heads() * layout.panels() * WIDTH;
    return new CodeSide(
        layout,
        grid,
        new int[strings * words(layout, grid)],
        new short[grids * grid.scaleType().bytes() / 2],
        new byte[grids]);
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

  private static int words(HeadLayout layout, IntegerGrid grid) {
    return (layout.depth() * grid.bits() + 31) / 32;
  }

  private int group() {
    return grid.effectiveGroup(layout.headDim());
  }

  private int groups() {
    return layout.headDim() / group();
  }

  private int stringsAt(int head, int panel) {
    return (head * layout.panels() + panel) * words(layout, grid) * WIDTH;
  }

  private int gridAt(int head, int group, int token) {
    return (head * groups() + group) * PAGE + token;
  }

  @Override
  public void set(int head, int token, float[] from, int offset) {
    int count = layout.headDim();
    byte[] codes = new byte[count];
    float[] newScales = new float[groups()];
    int[] newZeros = new int[groups()];
    RowQuantizer.quantize(from, offset, count, grid, codes, 0, newScales, newZeros, 0);
    for (int g = 0; g < groups(); g++) {
      setScale(gridAt(head, g, token), newScales[g]);
      zeros[gridAt(head, g, token)] = (byte) newZeros[g];
    }
    for (int dim = 0; dim < count; dim++) {
      int at = stringsAt(head, layout.panel(token, dim));
      int bit = layout.row(token, dim) * grid.bits();
      int lane = layout.lane(token, dim);
      CodeKernel.setCode(words, at, lane, bit, grid.bits(), codes[dim] & 0xFF);
    }
  }

  private void setScale(int index, float scale) {
    if (grid.scaleType() == DType.F32) {
      int bits = Float.floatToRawIntBits(scale);
      scales[2 * index] = (short) bits;
      scales[2 * index + 1] = (short) (bits >>> 16);
    } else {
      scales[index] = Rounding.narrow(grid.scaleType(), scale);
    }
  }

  private float scale(int index) {
    return switch (grid.scaleType()) {
      case F32 ->
          Float.intBitsToFloat((scales[2 * index] & 0xFFFF) | (scales[2 * index + 1] << 16));
      case F16 -> Float.float16ToFloat(scales[index]);
      default -> Float.intBitsToFloat(scales[index] << 16);
    };
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
        lanes.scale[lane] = scale(index);
        lanes.zero[lane] = zeros[index] & 0xFF;
      }
      int first = g * group();
      int at = (panel * layout.depth() + first) * WIDTH;
      CodeKernel.dequantize(
          words,
          stringsAt(head, panel),
          first * grid.bits(),
          grid.bits(),
          group(),
          lanes,
          0,
          into,
          at);
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
        Arrays.fill(lanes.scale, lane, next, scale(index));
        Arrays.fill(lanes.zero, lane, next, zeros[index] & 0xFF);
        lane = next;
      }
      Arrays.fill(lanes.scale, end, WIDTH, 0f);
      int at = (panel * PAGE + token) * WIDTH;
      CodeKernel.dequantize(
          words, stringsAt(head, panel), token * grid.bits(), grid.bits(), 1, lanes, 0, into, at);
    }
  }

  @Override
  public void copyFrom(PageSide other) {
    CodeSide from = (CodeSide) other;
    System.arraycopy(from.words, 0, words, 0, words.length);
    System.arraycopy(from.scales, 0, scales, 0, scales.length);
    System.arraycopy(from.zeros, 0, zeros, 0, zeros.length);
  }

  @Override
  public void clear() {
    Arrays.fill(words, 0);
    Arrays.fill(scales, (short) 0);
    Arrays.fill(zeros, (byte) 0);
  }

  @Override
  public long bytes() {
    return 4L * words.length + 2L * scales.length + zeros.length;
  }
}
