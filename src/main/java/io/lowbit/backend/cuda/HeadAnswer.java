// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * What the head said.
 *
 * @param maxima largest logit of each row
 * @param sums of exp(logit - maximum) of each row
 * @param best {@code [rows][best][2]}: a logit's order and its id, best first
 * @param targetLogits of each target
 * @param ranks entries before each target
 */
record HeadAnswer(float[] maxima, double[] sums, int[] best, float[] targetLogits, int[] ranks) {
  /** Room for the answer to a question. */
  static HeadAnswer of(HeadQuestion question) {
    int rows = question.rows().length;
    int targets = question.targets().length;
    return new HeadAnswer(
        new float[rows],
        new double[rows],
        new int[2 * rows * question.best()],
        new float[targets],
        new int[targets]);
  }

  /** Natural logarithm of the sum of exponentials of a row's logits. */
  double normalizer(int row) {
    return maxima[row] + Math.log(sums[row]);
  }

  /** The i-th best id of a row. */
  int id(int row, int i) {
    return best[at(row, i) + 1];
  }

  /**
   * The i-th best logit of a row. Kernels order logits as unsigned integers: the bits of those from
   * 0 on with the sign set, those of negative ones inverted.
   */
  float logit(int row, int i) {
    int order = best[at(row, i)];
    return Float.intBitsToFloat(order < 0 ? order ^ Integer.MIN_VALUE : ~order);
  }

  private int at(int row, int i) {
    return best.length / maxima.length * row + 2 * i;
  }
}
