// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * Several independent p-values as one.
 *
 * @param statistic Fisher's χ² or Stouffer's z
 * @param p its p-value
 */
public record Combined(double statistic, double p) {

  /** Smallest p that is told from 0; the logarithm must stay finite. */
  private static final double SMALLEST = 1e-300;

  /** Fisher: −2Σ ln p is χ² with 2m degrees of freedom. */
  public static Combined fisher(double[] p) {
    double sum = 0;
    for (double each : p) {
      sum -= 2 * Math.log(Math.max(SMALLEST, each));
    }
    return new Combined(sum, Distributions.chiSquaredUpper(sum, 2.0 * p.length));
  }

  /**
   * Stouffer: Σ w z/√Σ w² of one-sided p-values; for paired tasks w = √(number of flips). None if a
   * p is 0 or 1, which would outweigh all others.
   */
  public static Optional<Combined> stouffer(double[] p, double[] weights) {
    Moments.requireSameLength(p, weights);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      sum -= weights[i] * Distributions.normalQuantile(p[i]);
    }
    double z = sum / Math.sqrt(Moments.dot(weights, weights));
    return Double.isFinite(z)
        ? Optional.of(new Combined(z, Distributions.normalUpper(z)))
        : Optional.empty();
  }
}
