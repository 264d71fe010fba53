// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Products of packed rows with one panel of a weight. The columns are summed in blocks of {@link
 * Scratch#DEPTH}: inside a block in order by fused multiply-adds from zero, then block after block.
 */
final class MatrixProduct {
  private static final int WIDTH = Lanes.WIDTH;

  private MatrixProduct() {}

  /**
   * fp32 products.
   *
   * @param c receives {@code [panels * panelRows][WIDTH]}
   */
  static void compute(
      PackedRows a,
      int firstPanel,
      int panels,
      PanelWeight weight,
      int weightPanel,
      float[] c,
      Scratch scratch) {
    Arrays.fill(c, 0, panels * a.panelRows() * WIDTH, 0f);
    for (int from = 0; from < a.depth(); from += Scratch.DEPTH) {
      int count = Math.min(Scratch.DEPTH, a.depth() - from);
      if (a.panelRows() == 1) {
        weight.multiply(weightPanel, from, count, a.values(), a.at(firstPanel, from), scratch);
        add(scratch.sums, c);
      } else {
        weight.tile(weightPanel, from, count, scratch);
        multiply(a, firstPanel, panels, from, count, scratch, 0, c);
      }
    }
  }

  /** Adds the products with a part of the tile, from {@code tileAt} on, to c. */
  private static void multiply(
      PackedRows a,
      int firstPanel,
      int panels,
      int from,
      int count,
      Scratch scratch,
      int tileAt,
      float[] c) {
    float[] tile = scratch.tile;
    if (a.panelRows() == 1) {
      int at = a.at(firstPanel, from);
      MicroKernel.oneRow(a.values(), at, tile, tileAt, count, scratch.sums);
      add(scratch.sums, c);
      return;
    }
    for (int p = 0; p < panels; p++) {
      int at = a.at(firstPanel + p, from);
      int cAt = p * MicroKernel.ROWS * WIDTH;
      MicroKernel.sixRows(a.values(), at, tile, tileAt, count, c, cAt, WIDTH);
    }
  }

  private static void add(float[] sums, float[] c) {
    for (int lane = 0; lane < WIDTH; lane++) {
      c[lane] += sums[lane];
    }
  }

  /**
   * Products of integer rows with the integers of a weight, times the weight's scales: {@code sum
   * over groups of scale * (float) sum of a (code - zero)}. Integer sums are exact: factors are at
   * most 255 in magnitude, so 256 products stay below 2^24 in fp32; longer groups are added up in
   * fp64. The outer sum is fused, in fp32, group after group.
   */
  static void computeIntegers(
      PackedRows a,
      int firstPanel,
      int panels,
      IntegerPanels weight,
      int weightPanel,
      float[] c,
      Scratch scratch) {
    int size = panels * a.panelRows() * WIDTH;
    boolean longGroups = weight.group() > Scratch.DEPTH;
    float[] part = scratch.array(Scratch.INTEGER_SUMS, size);
    double[] sums = scratch.wideSums(longGroups ? size : 0);
    Arrays.fill(c, 0, size, 0f);
    Arrays.fill(part, 0, size, 0f);
    for (int from = 0; from < a.depth(); from += Scratch.DEPTH) {
      int count = Math.min(Scratch.DEPTH, a.depth() - from);
      weight.integerTile(weightPanel, from, count, scratch);
      for (int done = 0, g = 0; done < count; g++) {
        int run = weight.run(from, done, count);
        multiply(a, firstPanel, panels, from + done, run, scratch, done * WIDTH, part);
        done += run;
        if (longGroups) {
          moveTo(sums, part, size);
        }
        if ((from + done) % weight.group() == 0 || from + done == a.depth()) {
          if (longGroups) {
            round(sums, part, size);
          }
          addScaled(part, scratch.grid.scale, g * WIDTH, c, size);
        }
      }
    }
  }

  private static void moveTo(double[] sums, float[] part, int size) {
    for (int i = 0; i < size; i++) {
      sums[i] += part[i];
      part[i] = 0f;
    }
  }

  private static void round(double[] sums, float[] part, int size) {
    for (int i = 0; i < size; i++) {
      part[i] = (float) sums[i];
      sums[i] = 0;
    }
  }

  /** Adds the scaled sums of a group to c and clears them. */
  private static void addScaled(float[] part, float[] scale, int scaleAt, float[] c, int size) {
    for (int lane = 0; lane < WIDTH; lane += Lanes.COUNT) {
      FloatVector factor = FloatVector.fromArray(Lanes.FLOATS, scale, scaleAt + lane);
      FloatVector zero = FloatVector.zero(Lanes.FLOATS);
      for (int at = lane; at < size; at += WIDTH) {
        FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, part, at);
        sum.fma(factor, FloatVector.fromArray(Lanes.FLOATS, c, at)).intoArray(c, at);
        zero.intoArray(part, at);
      }
    }
  }
}
