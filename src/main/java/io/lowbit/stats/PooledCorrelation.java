// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Several independent correlations as one, by Fisher's z with weights 1/variance.
 *
 * @param fixed as if all estimate the same coefficient
 * @param random with a variance between them (DerSimonian and Laird 1986)
 * @param betweenVariance that variance, cut at 0
 * @param heterogeneity Cochran's Q
 * @param degreesOfFreedom of Q
 */
public record PooledCorrelation(
    Pool fixed, Pool random, double betweenVariance, double heterogeneity, int degreesOfFreedom) {

  /** A pooled z with its standard error. */
  public record Pool(double z, double standardError) {
    /** The pooled correlation. */
    public double value() {
      return Math.tanh(z);
    }

    /** Two-sided p of "no correlation". */
    public double p() {
      return Distributions.normalTwoSided(z / standardError);
    }

    /** Interval of the pooled correlation. */
    public Interval interval(double level) {
      return Interval.around(z, standardError, Interval.normalQuantile(level), level)
          .map(Math::tanh);
    }
  }

  /** Of coefficients and the number of pairs behind each, at least 4. */
  public static PooledCorrelation of(double[] r, int[] n) {
    double[] z = Arrays.stream(r).map(v -> 0.5 * (Math.log1p(v) - Math.log1p(-v))).toArray();
    double[] weights = new double[r.length];
    for (int i = 0; i < r.length; i++) {
      if (n[i] < Correlation.FEWEST_FOR_INTERVAL) {
        throw new IllegalArgumentException(
            "correlation %d comes from %d pairs; pooling needs at least 4".formatted(i, n[i]));
      }
      weights[i] = n[i] - 3;
    }
    Pool fixed = pool(z, weights);
    double q = 0;
    for (int i = 0; i < z.length; i++) {
      q += weights[i] * (z[i] - fixed.z) * (z[i] - fixed.z);
    }
    int df = r.length - 1;
    double sum = Moments.sum(weights);
    double between = Math.max(0, (q - df) / (sum - Moments.dot(weights, weights) / sum));
    double tau2 = df == 0 ? 0 : between;
    double[] randomWeights = Arrays.stream(weights).map(w -> 1 / (1 / w + tau2)).toArray();
    return new PooledCorrelation(fixed, pool(z, randomWeights), tau2, q, df);
  }

  private static Pool pool(double[] z, double[] weights) {
    double sum = Moments.sum(weights);
    return new Pool(Moments.dot(z, weights) / sum, Math.sqrt(1 / sum));
  }

  /** P-value of Q; NaN for one correlation. */
  public double heterogeneityP() {
    return Distributions.chiSquaredUpper(heterogeneity, degreesOfFreedom);
  }

  /** I²: share of the variation that is more than chance. */
  public double inconsistency() {
    return heterogeneity > 0 ? Math.max(0, (heterogeneity - degreesOfFreedom) / heterogeneity) : 0;
  }
}
