// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.special.Beta;
import org.apache.commons.math3.special.Erf;
import org.apache.commons.math3.special.Gamma;

/**
 * Tail probabilities and quantiles, accurate in the far tail: small p-values are computed as such,
 * never as one minus something.
 */
public final class Distributions {
  private static final double RELATIVE = 1e-15;
  private static final int MAX_ITERATIONS = 1_000_000;
  private static final double SQRT_2 = Math.sqrt(2);
  private static final double LN_SQRT_2_PI = 0.5 * Math.log(2 * Math.PI);

  private Distributions() {}

  /** P(Z ≤ z) of the standard normal. */
  public static double normalCdf(double z) {
    return 0.5 * Erf.erfc(-z / SQRT_2);
  }

  /** P(Z ≥ z) of the standard normal. */
  public static double normalUpper(double z) {
    return 0.5 * Erf.erfc(z / SQRT_2);
  }

  /** P(|Z| ≥ |z|) of the standard normal. */
  public static double normalTwoSided(double z) {
    return Erf.erfc(Math.abs(z) / SQRT_2);
  }

  /** The z with P(Z ≤ z) = p, for p down to 1e-300. */
  public static double normalQuantile(double p) {
    requireProbability(p);
    if (p > 0.5) {
      return -normalQuantile(1 - p);
    }
    if (p == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    // ln Φ is concave and Φ(−√(−2 ln p)) < p, so Newton climbs to the root from the left.
    double logP = Math.log(p);
    double z = -Math.sqrt(-2 * logP);
    for (int i = 0; i < 100; i++) {
      double logCdf = Math.log(normalCdf(z));
      double logDensity = -0.5 * z * z - LN_SQRT_2_PI;
      double step = (logP - logCdf) * Math.exp(logCdf - logDensity);
      z += step;
      if (Math.abs(step) <= 1e-15 * Math.max(1, Math.abs(z))) {
        break;
      }
    }
    return p == 0.5 ? 0 : z;
  }

  /** P(T ≥ t); infinite degrees of freedom give the normal. */
  public static double tUpper(double t, double degreesOfFreedom) {
    double half = 0.5 * tTwoSided(t, degreesOfFreedom);
    return t >= 0 ? half : 1 - half;
  }

  /** P(|T| ≥ |t|); infinite degrees of freedom give the normal. */
  public static double tTwoSided(double t, double degreesOfFreedom) {
    if (Double.isNaN(t) || !(degreesOfFreedom > 0)) {
      return Double.NaN;
    }
    if (Double.isInfinite(degreesOfFreedom)) {
      return normalTwoSided(t);
    }
    if (Double.isInfinite(t)) {
      return 0;
    }
    return betaCdf(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
  }

  /** The t with P(T ≤ t) = p. */
  public static double tQuantile(double p, double degreesOfFreedom) {
    requireProbability(p);
    if (p > 0.5) {
      return -tQuantile(1 - p, degreesOfFreedom);
    }
    double t = -normalQuantile(p);
    if (t == 0 || Double.isInfinite(t) || Double.isInfinite(degreesOfFreedom)) {
      return -t;
    }
    // ln P(T ≥ t) is concave in ln t, so Newton there converges from any start.
    double logP = Math.log(p);
    double logNorm =
        Gamma.logGamma((degreesOfFreedom + 1) / 2)
            - Gamma.logGamma(degreesOfFreedom / 2)
            - 0.5 * Math.log(degreesOfFreedom * Math.PI);
    for (int i = 0; i < 200; i++) {
      double upper = tUpper(t, degreesOfFreedom);
      double logDensity =
          logNorm - (degreesOfFreedom + 1) / 2 * Math.log1p(t * t / degreesOfFreedom);
      double slope = -t * Math.exp(logDensity) / upper;
      double step = (logP - Math.log(upper)) / slope;
      t *= Math.exp(step);
      if (Math.abs(step) <= 2e-15) {
        break;
      }
    }
    return -t;
  }

  /** P(χ² ≥ x). */
  public static double chiSquaredUpper(double x, double degreesOfFreedom) {
    if (Double.isNaN(x) || !(degreesOfFreedom > 0)) {
      return Double.NaN;
    }
    if (Double.isInfinite(x)) {
      return x > 0 ? 0 : 1;
    }
    return x <= 0
        ? 1
        : Gamma.regularizedGammaQ(degreesOfFreedom / 2, x / 2, RELATIVE, MAX_ITERATIONS);
  }

  /** P(F ≥ x). */
  public static double fUpper(double x, double numeratorDf, double denominatorDf) {
    if (Double.isNaN(x)) {
      return Double.NaN;
    }
    return x <= 0
        ? 1
        : betaCdf(
            denominatorDf / (denominatorDf + numeratorDf * x), denominatorDf / 2, numeratorDf / 2);
  }

  /** The x with P(F ≤ x) = p. */
  public static double fQuantile(double p, double numeratorDf, double denominatorDf) {
    // Through the upper tail of the mirrored beta, so that a large quantile keeps its digits.
    double rest = betaQuantile(1 - p, denominatorDf / 2, numeratorDf / 2);
    return denominatorDf * (1 - rest) / (numeratorDf * rest);
  }

  /** P(χ² ≤ x). */
  public static double chiSquaredCdf(double x, double degreesOfFreedom) {
    if (Double.isNaN(x) || !(degreesOfFreedom > 0)) {
      return Double.NaN;
    }
    if (x <= 0) {
      return 0;
    }
    return Double.isInfinite(x)
        ? 1
        : Gamma.regularizedGammaP(degreesOfFreedom / 2, x / 2, RELATIVE, MAX_ITERATIONS);
  }

  /** P(B ≤ x) of the beta distribution. */
  public static double betaCdf(double x, double a, double b) {
    if (x <= 0) {
      return 0;
    }
    return x >= 1 ? 1 : Beta.regularizedBeta(x, a, b, RELATIVE, MAX_ITERATIONS);
  }

  /** The x with P(B ≤ x) = p of the beta distribution, relatively accurate for tiny x too. */
  public static double betaQuantile(double p, double a, double b) {
    requireProbability(p);
    if (p == 0 || p == 1) {
      return p;
    }
    double low = -700;
    double high = 700;
    // Bisection on the logit: safe for every shape, and a tail quantile keeps its digits.
    for (int i = 0; i < 80 && high - low > 1e-16 * Math.abs(low); i++) {
      double middle = (low + high) / 2;
      if (betaCdf(logistic(middle), a, b) < p) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return logistic((low + high) / 2);
  }

  /** P(X ≤ successes) of the binomial. */
  public static double binomialCdf(int successes, int trials, double probability) {
    if (successes < 0) {
      return 0;
    }
    return successes >= trials
        ? 1
        : betaCdf(1 - probability, (double) trials - successes, successes + 1.0);
  }

  /** P(X = successes) of the binomial. */
  public static double binomialPmf(int successes, int trials, double probability) {
    return new BinomialDistribution(null, trials, probability).probability(successes);
  }

  private static double logistic(double x) {
    return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
  }

  private static void requireProbability(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("a probability lies between 0 and 1, but got " + p);
    }
  }
}
