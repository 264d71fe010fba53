// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.SplittableRandom;

/**
 * Wild cluster bootstrap of "the mean is 0" for few clusters: the null is imposed, each cluster's
 * values keep or change their sign together, and t with CR1 is compared.
 *
 * @param t the sample's t
 * @param replicates t of the sign draws
 */
public record WildBootstrap(double t, double[] replicates) {

  /** With draws of ±1: [replicates][clusters]. */
  public static WildBootstrap of(double[] values, Clusters clusters, int[][] signs) {
    double[] replicates = new double[signs.length];
    for (int b = 0; b < signs.length; b++) {
      double[] signed = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        signed[i] = signs[b][clusters.of()[i]] * values[i];
      }
      replicates[b] = t(signed, clusters);
    }
    return new WildBootstrap(t(values, clusters), replicates);
  }

  /** With seeded draws. */
  public static WildBootstrap of(double[] values, Clusters clusters, int draws, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] signs = new int[draws][clusters.count()];
    for (int[] row : signs) {
      for (int c = 0; c < row.length; c++) {
        row[c] = random.nextBoolean() ? 1 : -1;
      }
    }
    return of(values, clusters, signs);
  }

  private static double t(double[] values, Clusters clusters) {
    ClusteredMean mean = ClusteredMean.of(values, clusters);
    return mean.mean() / mean.cr1();
  }

  /** (k+1)/(B+1) of replicates with |t| at least the sample's. */
  public double p() {
    int extreme = 0;
    for (double replicate : replicates) {
      extreme += Math.abs(replicate) >= Math.abs(t) - 1e-12 ? 1 : 0;
    }
    return (extreme + 1.0) / (replicates.length + 1.0);
  }
}
