// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A statistic's bootstrap: its value on the sample, on resamples and on the sample without each
 * unit. A unit is whatever is independent: an item, or a whole cluster. A statistic gets the
 * numbers of the drawn units.
 *
 * @param estimate value on the sample
 * @param replicates values on the resamples, in the order drawn
 * @param leaveOneOut values without unit 0, 1, …
 */
public record Bootstrap(double estimate, double[] replicates, double[] leaveOneOut) {

  /** Resamples used where nobody asks for a number. */
  public static final int DEFAULT_REPLICATES = 9_999;

  /**
   * Draws and evaluates in parallel. Every replicate has a random stream of its own, so the result
   * depends on the seed alone, not on the number of threads. The statistic must be free of side
   * effects.
   */
  public static Bootstrap of(
      int units, ToDoubleFunction<int[]> statistic, int replicates, long seed) {
    if (units < 2) {
      throw new IllegalArgumentException(
          "a bootstrap needs at least 2 units to draw from, but there is " + units);
    }
    SplittableRandom seeds = new SplittableRandom(seed);
    long[] streams = new long[replicates];
    for (int i = 0; i < replicates; i++) {
      streams[i] = seeds.nextLong();
    }
    double[] values =
        IntStream.range(0, replicates)
            .parallel()
            .mapToDouble(i -> {
              SplittableRandom random = new SplittableRandom(streams[i]);
              int[] drawn = new int[units];
              for (int k = 0; k < units; k++) {
                drawn[k] = random.nextInt(units);
              }
              return statistic.applyAsDouble(drawn);
            })
            .toArray();
    return of(units, statistic, values);
  }

  /** With draws made elsewhere: [replicates][units]. */
  public static Bootstrap of(int units, ToDoubleFunction<int[]> statistic, int[][] draws) {
    return of(units, statistic, Arrays.stream(draws).mapToDouble(statistic).toArray());
  }

  private static Bootstrap of(int units, ToDoubleFunction<int[]> statistic, double[] values) {
    double estimate = statistic.applyAsDouble(IntStream.range(0, units).toArray());
    double[] leaveOneOut =
        IntStream.range(0, units)
            .parallel()
            .mapToDouble(left ->
                statistic.applyAsDouble(
                    IntStream.range(0, units).filter(unit -> unit != left).toArray()))
            .toArray();
    return new Bootstrap(estimate, values, leaveOneOut);
  }

  /** The statistic "mean over all items of the drawn clusters"; the clusters are the units. */
  public static ToDoubleFunction<int[]> clusterMean(double[] values, Clusters clusters) {
    double[] sums = clusters.sums(values);
    int[] sizes = clusters.sizes();
    return drawn -> {
      double sum = 0;
      double items = 0;
      for (int cluster : drawn) {
        sum += sums[cluster];
        items += sizes[cluster];
      }
      return sum / items;
    };
  }

  /** Replicates that are a number: a resample may leave the statistic undefined. */
  private double[] defined() {
    return Arrays.stream(replicates).filter(value -> !Double.isNaN(value)).toArray();
  }

  /** Number of resamples on which the statistic was undefined; intervals leave them out. */
  public int undefined() {
    return replicates.length - defined().length;
  }

  /** Standard deviation of the replicates. */
  public double standardError() {
    return Moments.standardDeviation(defined());
  }

  /** Quantiles of the replicates. */
  public Interval percentile(double level) {
    double[] ends = Quantiles.quantiles(defined(), (1 - level) / 2, 1 - (1 - level) / 2);
    return new Interval(ends[0], ends[1], level);
  }

  /** The percentile interval mirrored at the estimate. */
  public Interval basic(double level) {
    Interval percentile = percentile(level);
    return new Interval(2 * estimate - percentile.high(), 2 * estimate - percentile.low(), level);
  }

  /** Bias correction z₀ from the share of replicates below the estimate, ties counted half. */
  public double biasCorrection() {
    double[] values = defined();
    double below = 0;
    for (double value : values) {
      below += value < estimate ? 1 : value == estimate ? 0.5 : 0;
    }
    return Distributions.normalQuantile(below / values.length);
  }

  /** Jack-knife acceleration; 0 if leaving a unit out never changes the statistic. */
  public double acceleration() {
    double mean = Moments.mean(leaveOneOut);
    double squares = 0;
    double cubes = 0;
    for (double value : leaveOneOut) {
      double gap = mean - value;
      squares += gap * gap;
      cubes += gap * gap * gap;
    }
    return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
  }

  /** Levels at which BCa reads the replicates. */
  double[] bcaLevels(double level) {
    double bias = biasCorrection();
    double acceleration = acceleration();
    double z = Distributions.normalQuantile((1 - level) / 2);
    return new double[] {
      bcaLevel(bias, acceleration, z), bcaLevel(bias, acceleration, -z),
    };
  }

  private static double bcaLevel(double bias, double acceleration, double z) {
    return Distributions.normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  }

  /**
   * Bias-corrected and accelerated interval (Efron 1987); the percentile interval where leaving a
   * unit out changes nothing or every replicate lies on one side.
   */
  public Interval bca(double level) {
    double[] levels = bcaLevels(level);
    if (Moments.isConstant(leaveOneOut) || Double.isInfinite(biasCorrection())) {
      return percentile(level);
    }
    double[] ends = Quantiles.quantiles(defined(), levels);
    return new Interval(ends[0], ends[1], level);
  }
}
