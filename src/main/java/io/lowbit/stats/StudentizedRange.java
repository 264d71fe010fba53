// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.apache.commons.math3.analysis.solvers.BrentSolver;
import org.apache.commons.math3.special.Gamma;

/**
 * Distribution of the range of k independent standard normals over an independent estimate of their
 * standard deviation, by Gauss-Legendre quadrature; about ten digits.
 */
public final class StudentizedRange {
  private static final int POINTS = 24;
  private static final int PIECES = 16;

  /** Beyond this many standard deviations a normal adds nothing to a double. */
  private static final double FAR = 9;

  private StudentizedRange() {}

  /** P(range ≥ q) of k values, the standard deviation known: k∫φ(z)(1 − (Φ(z) − Φ(z−q))^…)dz. */
  public static double upper(double q, int k) {
    requireGroups(k);
    if (Double.isNaN(q)) {
      return Double.NaN;
    }
    return q <= 0 ? 1 : Math.min(1, Math.max(0, upperTail(q, k)));
  }

  /**
   * Integrates over the largest value z: all others lie below it, and not all of them above z − q.
   * The complement is formed inside the integral, so small tails keep their digits.
   */
  private static double upperTail(double q, int k) {
    return integrate(
        z -> {
          double below = Distributions.normalCdf(z);
          double outside = Distributions.normalCdf(z - q);
          double power = k - 1.0;
          // below^(k−1) − (below − outside)^(k−1), without cancellation for small outside.
          double share =
              below == 0 ? 0 : -Math.expm1(power * Math.log1p(-Math.min(1, outside / below)));
          return k * density(z) * Math.pow(below, power) * share;
        },
        -FAR,
        FAR);
  }

  /** P(range ≥ q) with the standard deviation estimated from the given degrees of freedom. */
  public static double upper(double q, int k, double degreesOfFreedom) {
    requireGroups(k);
    if (Double.isInfinite(degreesOfFreedom)) {
      return upper(q, k);
    }
    double half = degreesOfFreedom / 2;
    double logNorm = half * Math.log(half) + Math.log(2) - Gamma.logGamma(half);
    double spread = FAR / Math.sqrt(2 * degreesOfFreedom);
    return integrate(
        s ->
            Math.exp(logNorm + (degreesOfFreedom - 1) * Math.log(s) - half * s * s)
                * upper(q * s, k),
        Math.max(1e-12, 1 - spread),
        1 + spread + 2 / degreesOfFreedom);
  }

  /** The q with P(range ≤ q) = p, the standard deviation known. */
  public static double quantile(double p, int k) {
    requireGroups(k);
    return new BrentSolver(1e-12, 1e-12, 1e-15).solve(1000, q -> 1 - p - upper(q, k), 1e-9, 100);
  }

  private static double density(double z) {
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double integrate(UnivariateFunction function, double from, double to) {
    double[] pieces = new double[PIECES];
    double width = (to - from) / PIECES;
    GaussIntegratorFactory factory = new GaussIntegratorFactory();
    for (int i = 0; i < PIECES; i++) {
      GaussIntegrator rule = factory.legendre(POINTS, from + i * width, from + (i + 1) * width);
      pieces[i] = rule.integrate(function);
    }
    return Moments.sum(pieces);
  }

  private static void requireGroups(int k) {
    if (k < 2) {
      throw new IllegalArgumentException("a range needs at least 2 values, but there is " + k);
    }
  }
}
