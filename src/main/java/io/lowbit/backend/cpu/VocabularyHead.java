// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

import io.lowbit.backend.TargetScores;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * What the output layer says, without a [tokens, vocabulary] matrix: the vocabulary is cut into
 * stretches of 512, each task reduces one stretch for some rows, and the stretches are put together
 * in order, in fp64.
 */
final class VocabularyHead {
  private static final int STRETCH_PANELS = 16;
  private static final int STRETCH = STRETCH_PANELS * Lanes.WIDTH;
  // 22 panels of six rows by 512 logits are 264 KiB: they stay in the second-level cache.
  private static final int MAX_CHUNK = 22;

  private final Workers workers;
  private final LinearLayers layers;

  VocabularyHead(Workers workers, LinearLayers layers) {
    this.workers = workers;
    this.layers = layers;
  }

  /** Reduces the logits of one stretch of one row. */
  @FunctionalInterface
  private interface Reduction {
    void reduce(int row, int stretch, float[] logits, int at, int count, Scratch scratch);
  }

  TargetScores logProbs(CpuBuffer hidden, PanelWeight head, int[] rows, int[] targets) {
    int[] rowOf = new int[rows.length];
    int[] distinct = distinct(rows, rowOf);
    int[] firstTarget = new int[distinct.length + 1];
    for (int row : rowOf) {
      firstTarget[row + 1]++;
    }
    Arrays.parallelPrefix(firstTarget, Integer::sum);
    PackedRows a = pack(hidden, distinct);
    float[] targetLogits = targetLogits(a, head, rowOf, targets);

    int stretches = stretches(head);
    float[] maxima = new float[stretches * distinct.length];
    float[] sums = new float[stretches * distinct.length];
    int[][] before = new int[stretches][targets.length];
    reduceLogits(
        a,
        head,
        (row, stretch, logits, at, count, scratch) -> {
          int slot = stretch * distinct.length + row;
          maxima[slot] = maximum(logits, at, count);
          for (int i = firstTarget[row]; i < firstTarget[row + 1]; i++) {
            int id = targets[i] - stretch * STRETCH;
            before[stretch][i] = countBefore(logits, at, count, targetLogits[i], id);
          }
          sums[slot] = sumOfExponentials(logits, at, count, maxima[slot], scratch);
        });

    double[] normalizers = normalizers(maxima, sums, distinct.length, stretches);
    double[] logProbability = new double[targets.length];
    int[] rank = new int[targets.length];
    for (int i = 0; i < targets.length; i++) {
      logProbability[i] = targetLogits[i] - normalizers[rowOf[i]];
      for (int stretch = 0; stretch < stretches; stretch++) {
        rank[i] += before[stretch][i];
      }
    }
    return new TargetScores(logProbability, rank);
  }

  int[] argMax(CpuBuffer hidden, PanelWeight head, int[] rows) {
    PackedRows a = pack(hidden, rows);
    int stretches = stretches(head);
    float[] maxima = new float[stretches * rows.length];
    int[] ids = new int[stretches * rows.length];
    reduceLogits(
        a,
        head,
        (row, stretch, logits, at, count, scratch) -> {
          int slot = stretch * rows.length + row;
          maxima[slot] = maximum(logits, at, count);
          int i = 0;
          while (i < count - 1 && logits[at + i] != maxima[slot]) {
            i++;
          }
          ids[slot] = stretch * STRETCH + i;
        });
    int[] best = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      int slot = row;
      for (int stretch = 1; stretch < stretches; stretch++) {
        int other = stretch * rows.length + row;
        slot = maxima[other] > maxima[slot] ? other : slot;
      }
      best[row] = ids[slot];
    }
    return best;
  }

  /** The different entries of a sorted list; {@code indexOf[i]} is where entry i went. */
  private static int[] distinct(int[] rows, int[] indexOf) {
    int[] distinct = new int[rows.length];
    int count = 0;
    for (int i = 0; i < rows.length; i++) {
      if (i > 0 && rows[i] < rows[i - 1]) {
        throw new IllegalArgumentException(
            "rows of targets must not fall: row %d of target %d follows row %d"
                .formatted(rows[i], i, rows[i - 1]));
      }
      if (i == 0 || rows[i] != rows[i - 1]) {
        distinct[count++] = rows[i];
      }
      indexOf[i] = count - 1;
    }
    return Arrays.copyOf(distinct, count);
  }

  private static int stretches(PanelWeight head) {
    return (head.panels() + STRETCH_PANELS - 1) / STRETCH_PANELS;
  }

  private PackedRows pack(CpuBuffer hidden, int[] rows) {
    PackedRows a = layers.reserve(rows.length, hidden.columns());
    for (int i = 0; i < rows.length; i++) {
      a.set(i, hidden.values(), rows[i] * hidden.columns());
    }
    return a;
  }

  /**
   * The targets' own logits, by the arithmetic of the full product, so that ranks are consistent.
   */
  private float[] targetLogits(PackedRows a, PanelWeight head, int[] rowOf, int[] targets) {
    float[] logits = new float[targets.length];
    workers.run(
        targets.length,
        (i, scratch) -> {
          float[] row = scratch.array(Scratch.QUERIES, a.depth());
          int at = a.at(rowOf[i] / a.panelRows(), 0) + rowOf[i] % a.panelRows();
          for (int k = 0; k < a.depth(); k++) {
            row[k] = a.values()[at + k * a.panelRows()];
          }
          float[] c = scratch.array(Scratch.PRODUCTS, Lanes.WIDTH);
          int panel = targets[i] / Lanes.WIDTH;
          MatrixProduct.compute(
              new PackedRows(row, 1, 1, a.depth()), 0, 1, head, panel, c, scratch);
          logits[i] = c[targets[i] % Lanes.WIDTH];
        });
    return logits;
  }

  private void reduceLogits(PackedRows a, PanelWeight head, Reduction reduction) {
    int chunks = (a.panels() + MAX_CHUNK - 1) / MAX_CHUNK;
    workers.run(
        chunks * stretches(head),
        (task, scratch) -> {
          int stretch = task / chunks;
          int first = task % chunks * MAX_CHUNK;
          int panels = Math.min(MAX_CHUNK, a.panels() - first);
          int count = Math.min(STRETCH, head.rows() - stretch * STRETCH);
          float[] logits = logits(a, first, panels, head, stretch, scratch);
          int from = first * a.panelRows();
          int to = Math.min(a.rows(), from + panels * a.panelRows());
          for (int row = from; row < to; row++) {
            reduction.reduce(row, stretch, logits, (row - from) * STRETCH, count, scratch);
          }
        });
  }

  private static float[] logits(
      PackedRows a, int first, int panels, PanelWeight head, int stretch, Scratch scratch) {
    int rows = panels * a.panelRows();
    float[] logits = scratch.array(Scratch.OUTPUTS, rows * STRETCH);
    float[] c = scratch.array(Scratch.PRODUCTS, rows * Lanes.WIDTH);
    int firstPanel = stretch * STRETCH_PANELS;
    int panelCount = Math.min(STRETCH_PANELS, head.panels() - firstPanel);
    for (int p = 0; p < panelCount; p++) {
      MatrixProduct.compute(a, first, panels, head, firstPanel + p, c, scratch);
      for (int row = 0; row < rows; row++) {
        int target = row * STRETCH + p * Lanes.WIDTH;
        System.arraycopy(c, row * Lanes.WIDTH, logits, target, Lanes.WIDTH);
      }
    }
    return logits;
  }

  private static float maximum(float[] logits, int at, int count) {
    FloatVector best = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      best = best.max(FloatVector.fromArray(Lanes.FLOATS, logits, at + i));
    }
    float result = best.reduceLanes(MAX);
    for (; i < count; i++) {
      result = Math.max(result, logits[at + i]);
    }
    return result;
  }

  /** The logits are used up by it. */
  private static float sumOfExponentials(
      float[] logits, int at, int count, float maximum, Scratch scratch) {
    // A row's unused end takes part as exp(-inf) = 0: the stretch always has its full length.
    Arrays.fill(logits, at + count, at + STRETCH, Float.NEGATIVE_INFINITY);
    SoftmaxKernel.exponentials(logits, at, STRETCH, maximum, scratch.partial);
    return Lanes.total(scratch.partial);
  }

  /**
   * Entries of a stretch that come before the target: those with a larger logit, or an equal one
   * and a smaller id. {@code id} is the target's place in the stretch, below 0 or above its end
   * where it lies elsewhere.
   */
  private static int countBefore(float[] logits, int at, int count, float target, int id) {
    int before = 0;
    int split = Math.clamp(id, 0, count);
    int i = 0;
    for (; i <= split - Lanes.COUNT; i += Lanes.COUNT) {
      before += FloatVector.fromArray(Lanes.FLOATS, logits, at + i).compare(GE, target).trueCount();
    }
    for (; i < split; i++) {
      before += logits[at + i] >= target ? 1 : 0;
    }
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      before += FloatVector.fromArray(Lanes.FLOATS, logits, at + i).compare(GT, target).trueCount();
    }
    for (; i < count; i++) {
      before += logits[at + i] > target ? 1 : 0;
    }
    return before;
  }

  /** log of the sum of exponentials of each row. */
  private static double[] normalizers(float[] maxima, float[] sums, int rows, int stretches) {
    double[] result = new double[rows];
    for (int row = 0; row < rows; row++) {
      double maximum = Double.NEGATIVE_INFINITY;
      for (int stretch = 0; stretch < stretches; stretch++) {
        maximum = Math.max(maximum, maxima[stretch * rows + row]);
      }
      double sum = 0;
      for (int stretch = 0; stretch < stretches; stretch++) {
        int slot = stretch * rows + row;
        sum += sums[slot] * Math.exp(maxima[slot] - maximum);
      }
      result[row] = maximum + Math.log(sum);
    }
    return result;
  }
}
