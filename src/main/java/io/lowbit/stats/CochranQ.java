// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Cochran's Q: are several systems right equally often on the same items? McNemar's test for more
 * than two.
 *
 * @param q the statistic; NaN if no item separates the systems
 * @param degreesOfFreedom systems − 1
 */
public record CochranQ(double q, int degreesOfFreedom) {

  /**
   * Counts right answers.
   *
   * @param scores [items][systems], 0 or 1
   */
  public static CochranQ of(double[][] scores) {
    if (scores.length == 0 || scores[0].length < 2) {
      throw new IllegalArgumentException("Cochran's Q needs an item and at least 2 systems");
    }
    int k = scores[0].length;
    double[] systems = new double[k];
    double total = 0;
    double itemSquares = 0;
    for (int i = 0; i < scores.length; i++) {
      double right = 0;
      for (int j = 0; j < k; j++) {
        double score = scores[i][j];
        if (score != 0 && score != 1) {
          throw new IllegalArgumentException(
              "Cochran's Q needs scores of 0 or 1, but item %d, system %d has %s"
                  .formatted(i, j, score));
        }
        right += score;
        systems[j] += score;
      }
      total += right;
      itemSquares += right * right;
    }
    double spread = k * total - itemSquares;
    double q = (k - 1) * (k * Moments.dot(systems, systems) - total * total) / spread;
    return new CochranQ(spread == 0 ? Double.NaN : q, k - 1);
  }

  /** P-value by χ². */
  public double p() {
    return Distributions.chiSquaredUpper(q, degreesOfFreedom);
  }
}
