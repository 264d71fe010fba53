// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Sign test of paired differences.
 *
 * @param positive differences above 0
 * @param negative differences below 0
 * @param zero differences equal to 0, which do not count
 */
public record SignTest(int positive, int negative, int zero) {

  /** Counts. */
  public static SignTest of(double[] differences) {
    int positive = 0;
    int negative = 0;
    for (double difference : differences) {
      positive += difference > 0 ? 1 : 0;
      negative += difference < 0 ? 1 : 0;
    }
    return new SignTest(positive, negative, differences.length - positive - negative);
  }

  /** Exact two-sided binomial p; 1 if every difference is zero. */
  public double p() {
    int fewer = Math.min(positive, negative);
    return Math.min(1, 2 * Distributions.binomialCdf(fewer, positive + negative, 0.5));
  }
}
