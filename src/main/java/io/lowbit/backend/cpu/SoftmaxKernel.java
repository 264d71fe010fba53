// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import static jdk.incubator.vector.VectorOperators.MAX;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The arithmetic of softmax: maxima and sums of exponentials along rows of scores. Its loops are
 * methods of their own because the compiler stops inlining vector operations in large ones.
 */
final class SoftmaxKernel {
  private SoftmaxKernel() {}

  /**
   * State of a running softmax, one entry per row, a whole number of vectors long.
   *
   * @param maxima largest score so far, at least {@code -Float.MAX_VALUE}
   * @param sums sum of exp(score - maximum) so far
   * @param keep exp(maximum before - maximum now) of the last step
   * @param next maxima after the step
   */
  record Statistics(float[] maxima, float[] sums, float[] keep, float[] next) {
    static Statistics start(Scratch scratch, int rows) {
      int size = (rows + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
      Statistics statistics =
          new Statistics(
              scratch.array(Scratch.MAXIMA, size),
              scratch.array(Scratch.SUMS, size),
              scratch.array(Scratch.FACTORS, size),
              scratch.array(Scratch.NEXT_MAXIMA, size));
      Arrays.fill(statistics.maxima, 0, size, -Float.MAX_VALUE);
      Arrays.fill(statistics.next, 0, size, -Float.MAX_VALUE);
      Arrays.fill(statistics.sums, 0, size, 0f);
      return statistics;
    }
  }

  /**
   * One step of a running softmax: scores {@code [rows][columns]} become exp(scale * score -
   * maximum), hidden ones (negative infinity) 0. A row without visible scores keeps its state.
   */
  static void weigh(
      float[] scores, int rows, int columns, float scale, Statistics statistics, float[] partial) {
    float[] maxima = statistics.maxima;
    for (int row = 0; row < rows; row++) {
      float maximum = scaledMaximum(scores, row * columns, columns, scale);
      statistics.next[row] = Math.max(maxima[row], maximum);
    }
    factors(maxima, statistics.next, statistics.keep, rows);
    for (int row = 0; row < rows; row++) {
      exponentials(scores, row * columns, columns, statistics.next[row], partial);
      float sum = Lanes.total(partial);
      statistics.sums[row] = Math.fma(statistics.sums[row], statistics.keep[row], sum);
      maxima[row] = statistics.next[row];
    }
  }

  private static float scaledMaximum(float[] x, int at, int count, float scale) {
    FloatVector best = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = at; i < at + count; i += Lanes.COUNT) {
      FloatVector scaled = FloatVector.fromArray(Lanes.FLOATS, x, i).mul(scale);
      scaled.intoArray(x, i);
      best = best.max(scaled);
    }
    return best.reduceLanes(MAX);
  }

  private static void factors(float[] before, float[] now, float[] factors, int count) {
    for (int i = 0; i < count; i += Lanes.COUNT) {
      FloatVector difference =
          FloatVector.fromArray(Lanes.FLOATS, before, i)
              .sub(FloatVector.fromArray(Lanes.FLOATS, now, i));
      VectorMath.exp(difference).intoArray(factors, i);
    }
  }

  /**
   * Replaces x by exp(x - maximum) and adds up the 16 partial sums.
   *
   * @param count a multiple of 16
   */
  static void exponentials(float[] x, int at, int count, float maximum, float[] partial) {
    for (int lane = 0; lane < Lanes.PARTIAL_SUMS; lane += Lanes.COUNT) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = at + lane; i < at + count; i += Lanes.PARTIAL_SUMS) {
        FloatVector weight = VectorMath.exp(FloatVector.fromArray(Lanes.FLOATS, x, i).sub(maximum));
        weight.intoArray(x, i);
        sum = sum.add(weight);
      }
      sum.intoArray(partial, lane);
    }
  }
}
