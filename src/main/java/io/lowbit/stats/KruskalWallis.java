// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Kruskal and Wallis' test: do several separate samples have the same location? Ranks over all
 * values, corrected for ties.
 *
 * @param h the statistic; NaN if all values are equal
 * @param degreesOfFreedom samples − 1
 */
public record KruskalWallis(double h, int degreesOfFreedom) {

  /** Of at least two samples, none empty. */
  public static KruskalWallis of(double[][] samples) {
    if (samples.length < 2 || Arrays.stream(samples).anyMatch(sample -> sample.length == 0)) {
      throw new IllegalArgumentException(
          "the Kruskal-Wallis test needs at least 2 samples, none of them empty, but got sizes "
              + Arrays.toString(Arrays.stream(samples).mapToInt(s -> s.length).toArray()));
    }
    double[] all = Arrays.stream(samples).flatMapToDouble(Arrays::stream).toArray();
    double[] ranks = Ranks.of(all);
    double n = all.length;
    double sum = 0;
    int from = 0;
    for (double[] sample : samples) {
      double rankSum = Moments.sum(Arrays.copyOfRange(ranks, from, from + sample.length));
      sum += rankSum * rankSum / sample.length;
      from += sample.length;
    }
    double tied = 0;
    for (double t : Ranks.tieSizes(all)) {
      tied += t * t * t - t;
    }
    double correction = 1 - tied / (n * n * n - n);
    double plain = 12 / (n * (n + 1)) * sum - 3 * (n + 1);
    return new KruskalWallis(correction == 0 ? Double.NaN : plain / correction, samples.length - 1);
  }

  /** P-value by χ². */
  public double p() {
    return Distributions.chiSquaredUpper(h, degreesOfFreedom);
  }
}
