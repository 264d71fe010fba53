// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Correlation of a proxy (perplexity) with accuracy when both the schemes and the items are a
 * sample: every replicate draws schemes and, the same for all of them, items.
 *
 * @param estimate Pearson's r on the sample
 * @param replicates r on the draws on which it is defined
 * @param undefined number of draws without a defined r
 */
public record TwoLevelBootstrap(double estimate, double[] replicates, int undefined) {

  /**
   * With draws made elsewhere.
   *
   * @param proxy of each scheme, as it is to be correlated
   * @param scores [schemes][items]
   * @param schemeDraws [replicates][schemes]
   * @param itemDraws [replicates][items]
   */
  public static TwoLevelBootstrap of(
      double[] proxy, double[][] scores, int[][] schemeDraws, int[][] itemDraws) {
    double[] values = new double[schemeDraws.length];
    for (int b = 0; b < values.length; b++) {
      int[] items = itemDraws[b];
      double[] means =
          Arrays.stream(scores)
              .mapToDouble(
                  row -> Moments.mean(Arrays.stream(items).mapToDouble(i -> row[i]).toArray()))
              .toArray();
      values[b] = new Pairs(proxy, means).select(schemeDraws[b]).pearson();
    }
    double[] defined = Arrays.stream(values).filter(r -> !Double.isNaN(r)).toArray();
    double[] means = Arrays.stream(scores).mapToDouble(Moments::mean).toArray();
    return new TwoLevelBootstrap(
        new Pairs(proxy, means).pearson(), defined, values.length - defined.length);
  }

  /** Quantiles of the replicates. */
  public Interval percentile(double level) {
    double[] ends = Quantiles.quantiles(replicates, (1 - level) / 2, 1 - (1 - level) / 2);
    return new Interval(ends[0], ends[1], level);
  }
}
