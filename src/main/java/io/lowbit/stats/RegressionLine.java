// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The least-squares line of y on x with the errors that its data allow.
 *
 * @param intercept at x = 0
 * @param slope of y on x
 * @param slopeInterval of the slope; by CR1 and t(G − 1) where the rows come in at least two
 *     groups, else classical
 * @param clusters number of groups the interval counts; empty if it is classical
 * @param r2 share of the variance of y on the line
 * @param atMean the line and one new point at the mean of x
 */
public record RegressionLine(
    double intercept,
    double slope,
    Interval slopeInterval,
    Optional<Integer> clusters,
    double r2,
    FittedValue atMean) {

  /** Fewest pairs that leave two degrees of freedom for the noise. */
  private static final int FEWEST = 4;

  /** Of complete pairs; none below four of them or without spread. */
  public static Optional<RegressionLine> of(
      Pairs pairs, Optional<List<String>> groups, double level) {
    if (pairs.n() < FEWEST || pairs.isConstant()) {
      return Optional.empty();
    }
    LeastSquares fit = fit(pairs);
    double[] center = {Moments.mean(pairs.x())};
    Optional<Clusters> clusters =
        groups.map(Clusters::of).filter(found -> found.count() > 1 && found.shared());
    double error =
        clusters.map(found -> fit.clusterErrors(found, true)).orElseGet(fit::standardErrors)[1];
    double df = clusters.map(found -> found.count() - 1).orElse(fit.degreesOfFreedom());
    return Optional.of(
        new RegressionLine(
            fit.coefficients()[0],
            fit.coefficients()[1],
            Interval.around(fit.coefficients()[1], error, Interval.tQuantile(level, df), level),
            clusters.map(Clusters::count),
            FitQuality.of(fit).r2(),
            clusters
                .map(found -> FittedValue.of(fit, center, found, level))
                .orElseGet(() -> FittedValue.of(fit, center, level))));
  }

  private static LeastSquares fit(Pairs pairs) {
    return LeastSquares.of(
        pairs.y(),
        Arrays.stream(pairs.x()).mapToObj(x -> new double[] {x}).toArray(double[][]::new));
  }
}
