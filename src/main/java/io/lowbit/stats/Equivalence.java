// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Two one-sided tests (TOST): is a difference surely inside ±margin? "As good as" is this test
 * passing, not a difference test failing.
 *
 * @param margin half-width of what counts as the same, set beforehand, in units of the score
 * @param lowerStatistic (Δ + margin)/SE
 * @param lowerP p of "Δ ≤ −margin"; small: not inferior
 * @param upperStatistic (Δ − margin)/SE
 * @param upperP p of "Δ ≥ margin"; small: not superior
 */
public record Equivalence(
    double margin, double lowerStatistic, double lowerP, double upperStatistic, double upperP) {

  /**
   * By Student's t; infinite degrees of freedom give the normal. All NaN if the standard error is 0
   * or undefined.
   */
  public static Equivalence of(
      double difference, double standardError, double degreesOfFreedom, double margin) {
    requireMargin(margin);
    if (!(standardError > 0)) {
      return new Equivalence(margin, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }
    double lower = (difference + margin) / standardError;
    double upper = (difference - margin) / standardError;
    return new Equivalence(
        margin,
        lower,
        Distributions.tUpper(lower, degreesOfFreedom),
        upper,
        Distributions.tUpper(-upper, degreesOfFreedom));
  }

  static void requireMargin(double margin) {
    if (!(margin > 0)) {
      throw new IllegalArgumentException(
          "an equivalence margin must be above 0, in units of the score, but is " + margin);
    }
  }

  /** The larger of the two p-values: the p of "not equivalent". */
  public double p() {
    return Math.max(lowerP, upperP);
  }

  /** What the test and the two-sided interval at 1 − alpha of the same difference say together. */
  public Verdict verdict(Interval interval, double alpha) {
    boolean equivalent = p() < alpha;
    boolean notInferior = lowerP < alpha;
    if (interval.high() < -margin) {
      return Verdict.INFERIOR;
    }
    if (interval.high() < 0 && (equivalent || notInferior)) {
      return Verdict.WORSE_WITHIN_MARGIN;
    }
    if (equivalent) {
      return Verdict.EQUIVALENT;
    }
    return notInferior ? Verdict.NON_INFERIOR : Verdict.INCONCLUSIVE;
  }
}
