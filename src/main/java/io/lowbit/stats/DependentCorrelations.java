// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Which of two proxies (2 and 3) goes better with a score (1), on the same configurations? Four
 * tests of r12 = r13; they differ in the third digit.
 *
 * @param r12 score with the first proxy
 * @param r13 score with the second proxy
 * @param r23 of the proxies with each other
 * @param n number of configurations, at least 4
 */
public record DependentCorrelations(double r12, double r13, double r23, int n) {

  /** Checks n. */
  public DependentCorrelations {
    if (n < 4) {
      throw new IllegalArgumentException(
          "comparing two correlations needs at least 4 points, but there are " + n);
    }
  }

  /** Williams' t (1959) with n − 3 degrees of freedom, as Steiger (1980, eq. 7) gives it. */
  public double williamsT() {
    double determinant = 1 - r12 * r12 - r13 * r13 - r23 * r23 + 2 * r12 * r13 * r23;
    double mean = (r12 + r13) / 2;
    double rest = Math.pow(1 - r23, 3);
    double scale = 2 * (n - 1.0) / (n - 3) * determinant + mean * mean * rest;
    return (r12 - r13) * Math.sqrt((n - 1) * (1 + r23) / scale);
  }

  /** Two-sided p of {@link #williamsT}. */
  public double williamsP() {
    return Distributions.tTwoSided(williamsT(), n - 3);
  }

  /** Steiger's Z (1980, eq. 14): Fisher's z with the pooled r in the covariance. */
  public double steigerZ() {
    double mean = (r12 + r13) / 2;
    return fisherZ(covariance(mean, mean));
  }

  /** Dunn and Clark's Z: the same with the separate r. */
  public double dunnClarkZ() {
    return fisherZ(covariance(r12, r13));
  }

  private double fisherZ(double covariance) {
    return (atanh(r12) - atanh(r13)) * Math.sqrt((n - 3) / (2 - 2 * covariance));
  }

  /** Asymptotic correlation of two correlations that share a variable. */
  private double covariance(double a, double b) {
    double psi = r23 * (1 - a * a - b * b) - a * b * (1 - a * a - b * b - r23 * r23) / 2;
    return psi / ((1 - a * a) * (1 - b * b));
  }

  /** Meng, Rosenthal and Rubin's Z (1992). */
  public double mengZ() {
    double square = (r12 * r12 + r13 * r13) / 2;
    double f = Math.min(1, (1 - r23) / (2 * (1 - square)));
    double h = (1 - f * square) / (1 - square);
    return (atanh(r12) - atanh(r13)) * Math.sqrt((n - 3) / (2 * (1 - r23) * h));
  }

  /** Zou's interval of r12 − r13 (2007, overlapping case). */
  public Interval zou(double level) {
    Interval first = Correlation.fisher(r12, 1.0 / (n - 3), level).orElseThrow();
    Interval second = Correlation.fisher(r13, 1.0 / (n - 3), level).orElseThrow();
    double c = covariance(r12, r13);
    double low = joined(r12 - first.low(), second.high() - r13, c);
    double high = joined(first.high() - r12, r13 - second.low(), c);
    return new Interval(r12 - r13 - low, r12 - r13 + high, level);
  }

  private static double joined(double first, double second, double correlation) {
    return Math.sqrt(first * first + second * second - 2 * correlation * first * second);
  }

  private static double atanh(double r) {
    return 0.5 * (Math.log1p(r) - Math.log1p(-r));
  }
}
