// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * How well a least-squares line describes its data, and which rows make it.
 *
 * @param r2 1 − Σe²/Σw(y − ȳ)²; NaN for constant y
 * @param adjustedR2 the same with degrees of freedom
 * @param logLikelihood at the maximum, normal errors
 * @param aic −2ℓ + 2k with k coefficients, as statsmodels counts (R counts the variance too)
 * @param bic −2ℓ + k·ln n
 * @param correctedAic for small samples, the variance counted; NaN if n leaves no room for it
 * @param f of "no predictor matters"
 * @param fP its p-value
 * @param cooksDistance of each row: how far the coefficients move without it
 * @param durbinWatson of the residuals in their order; about 2 if neighbours are unrelated
 */
public record FitQuality(
    double r2,
    double adjustedR2,
    double logLikelihood,
    double aic,
    double bic,
    double correctedAic,
    double f,
    double fP,
    double[] cooksDistance,
    double durbinWatson) {

  /** Of a fit. */
  public static FitQuality of(LeastSquares fit) {
    double[] residuals = fit.residuals();
    double n = residuals.length;
    double k = fit.coefficients().length;
    double rest = Moments.dot(residuals, residuals);
    double total = squaresAboutMean(fit);
    double r2 = total == 0 ? Double.NaN : 1 - rest / total;
    double logWeights = 0;
    for (double weight : fit.weights()) {
      logWeights += Math.log(weight);
    }
    double logLikelihood = -n / 2 * (Math.log(2 * Math.PI * rest / n) + 1) + logWeights / 2;
    double df = fit.degreesOfFreedom();
    double f = (total - rest) / (k - 1) / (rest / df);
    double counted = k + 1;
    double room = n - counted - 1;
    return new FitQuality(
        r2,
        1 - (1 - r2) * (n - 1) / df,
        logLikelihood,
        -2 * logLikelihood + 2 * k,
        -2 * logLikelihood + k * Math.log(n),
        room <= 0
            ? Double.NaN
            : -2 * logLikelihood + 2 * counted + 2 * counted * (counted + 1) / room,
        f,
        Distributions.fUpper(f, k - 1, df),
        cooksDistance(fit),
        durbinWatson(residuals));
  }

  /** Σw(y − ȳ)²; outcome and weights are those of the fit. */
  private static double squaresAboutMean(LeastSquares fit) {
    double[] weights = fit.weights();
    double[] y = new double[weights.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = fit.outcome()[i] / Math.sqrt(weights[i]);
    }
    if (Moments.isConstant(y)) {
      return 0;
    }
    double mean = Moments.dot(weights, y) / Moments.sum(weights);
    double[] parts = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      parts[i] = weights[i] * (y[i] - mean) * (y[i] - mean);
    }
    return Moments.sum(parts);
  }

  private static double[] cooksDistance(LeastSquares fit) {
    double[] leverage = fit.leverage();
    double[] distance = new double[leverage.length];
    double scale = fit.coefficients().length * fit.residualVariance();
    for (int i = 0; i < distance.length; i++) {
      double studentized = fit.residuals()[i] / (1 - leverage[i]);
      distance[i] = studentized * studentized * leverage[i] / scale;
    }
    return distance;
  }

  private static double durbinWatson(double[] residuals) {
    double squares = 0;
    for (int i = 1; i < residuals.length; i++) {
      double step = residuals[i] - residuals[i - 1];
      squares += step * step;
    }
    return squares / Moments.dot(residuals, residuals);
  }
}
