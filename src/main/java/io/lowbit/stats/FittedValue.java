// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * What a fitted line says about a new point.
 *
 * @param value on the line
 * @param ofLine interval of the line there
 * @param ofPoint interval of one new observation there, its own noise included: the prediction
 *     interval
 */
public record FittedValue(double value, Interval ofLine, Interval ofPoint) {

  /**
   * Of an unweighted fit whose rows are independent: ŷ ± t(n−k)·s·√(h) and √(1 + h), with h =
   * xᵀ(XᵀX)⁻¹x.
   *
   * @param predictors of the new point, without the one of the intercept
   */
  public static FittedValue of(LeastSquares fit, double[] predictors, double level) {
    return of(fit, predictors, fit.covariance(), fit.degreesOfFreedom(), level);
  }

  /**
   * Of an unweighted fit whose rows come in clusters (schemes of one model): the line's error is
   * CR1, with Student's t of G − 1 degrees of freedom.
   *
   * @param predictors of the new point, without the one of the intercept
   */
  public static FittedValue of(
      LeastSquares fit, double[] predictors, Clusters clusters, double level) {
    double[][] covariance = fit.clusterCovariance(clusters, true);
    return of(fit, predictors, covariance, clusters.count() - 1, level);
  }

  private static FittedValue of(
      LeastSquares fit, double[] predictors, double[][] covariance, double df, double level) {
    int k = fit.coefficients().length;
    if (predictors.length != k - 1) {
      throw new IllegalArgumentException(
          "the line has %d predictors, but the new point has %d"
              .formatted(k - 1, predictors.length));
    }
    double[] row = new double[k];
    row[0] = 1;
    System.arraycopy(predictors, 0, row, 1, k - 1);
    double variance = 0;
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        variance += row[i] * covariance[i][j] * row[j];
      }
    }
    double value = Moments.dot(row, fit.coefficients());
    double t = Interval.tQuantile(level, df);
    double noise = fit.residualVariance();
    return new FittedValue(
        value,
        Interval.around(value, Math.sqrt(variance), t, level),
        Interval.around(value, Math.sqrt(variance + noise), t, level));
  }
}
