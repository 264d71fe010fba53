// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Logistic regression with an intercept: what makes an answer flip? By Newton's method.
 *
 * @param converged false if the likelihood has no maximum, because the predictors separate the
 *     outcomes (or the outcome is constant); all numbers but {@code nullLogLikelihood} are NaN then
 * @param coefficients intercept first, in logits
 * @param standardErrors from the information at the maximum
 * @param fitted probability of each row
 * @param logLikelihood at the maximum
 * @param nullLogLikelihood of the intercept alone
 */
public record LogisticFit(
    boolean converged,
    double[] coefficients,
    double[] standardErrors,
    double[] fitted,
    double logLikelihood,
    double nullLogLikelihood) {

  private static final int MAX_STEPS = 40;

  /** A logit no finite data of this size asks for; a fit that reaches it is running away. */
  private static final double RUNAWAY_LOGIT = 30;

  /**
   * Fits outcomes on the rows of x.
   *
   * @param outcome 0 or 1
   * @param x [observations, predictors], without the column of ones
   */
  public static LogisticFit of(double[] outcome, double[][] x) {
    double[] flat = Arrays.stream(x).flatMapToDouble(Arrays::stream).toArray();
    Moments.requireFinite("predictor", flat);
    Calibration.require(outcome, outcome);
    double share = Moments.mean(outcome);
    double nullLogLikelihood = logLikelihood(outcome, filled(outcome.length, share));
    double[][] design = design(x);
    double[] coefficients = new double[design[0].length];
    double largest = 1;
    for (int i = 0; i < MAX_STEPS && largest > 1e-13; i++) {
      double[] step = newtonStep(outcome, design, coefficients);
      largest = 0;
      for (int k = 0; k < step.length; k++) {
        coefficients[k] += step[k];
        largest = Math.max(largest, Math.abs(step[k]) / Math.max(1, Math.abs(coefficients[k])));
      }
    }
    double[] logits = new Array2DRowRealMatrix(design, false).operate(coefficients);
    boolean isRunaway = Arrays.stream(logits).anyMatch(z -> !(Math.abs(z) < RUNAWAY_LOGIT));
    if (!(largest <= 1e-8) || isRunaway) {
      double[] none = filled(coefficients.length, Double.NaN);
      double[] noFit = filled(outcome.length, Double.NaN);
      return new LogisticFit(false, none, none, noFit, Double.NaN, nullLogLikelihood);
    }
    double[] fitted = Arrays.stream(logits).map(LogisticFit::probability).toArray();
    RealMatrix inverse =
        new LUDecomposition(information(design, fitted), 0).getSolver().getInverse();
    double[] errors = new double[coefficients.length];
    for (int k = 0; k < errors.length; k++) {
      errors[k] = Math.sqrt(inverse.getEntry(k, k));
    }
    return new LogisticFit(
        true, coefficients, errors, fitted, logLikelihood(outcome, fitted), nullLogLikelihood);
  }

  private static double[][] design(double[][] x) {
    double[][] design = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      design[i] = new double[x[i].length + 1];
      design[i][0] = 1;
      System.arraycopy(x[i], 0, design[i], 1, x[i].length);
    }
    return design;
  }

  /** (XᵀWX)⁻¹Xᵀ(y − p); NaN where the information is singular, as in a fit that runs away. */
  private static double[] newtonStep(double[] outcome, double[][] design, double[] coefficients) {
    RealMatrix matrix = new Array2DRowRealMatrix(design, false);
    double[] fitted =
        Arrays.stream(matrix.operate(coefficients)).map(LogisticFit::probability).toArray();
    double[] score = matrix.preMultiply(Moments.difference(outcome, fitted));
    LUDecomposition information = new LUDecomposition(information(design, fitted), 0);
    return information.getSolver().isNonSingular()
        ? information.getSolver().solve(new ArrayRealVector(score)).toArray()
        : filled(score.length, Double.NaN);
  }

  private static RealMatrix information(double[][] design, double[] fitted) {
    int k = design[0].length;
    double[][] sum = new double[k][k];
    for (int i = 0; i < design.length; i++) {
      double weight = fitted[i] * (1 - fitted[i]);
      for (int a = 0; a < k; a++) {
        for (int b = 0; b < k; b++) {
          sum[a][b] += weight * design[i][a] * design[i][b];
        }
      }
    }
    return new Array2DRowRealMatrix(sum, false);
  }

  private static double probability(double logit) {
    return logit < 0 ? Math.exp(logit) / (1 + Math.exp(logit)) : 1 / (1 + Math.exp(-logit));
  }

  private static double logLikelihood(double[] outcome, double[] fitted) {
    double[] parts = new double[outcome.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = outcome[i] == 1 ? Math.log(fitted[i]) : Math.log1p(-fitted[i]);
    }
    return Moments.sum(parts);
  }

  private static double[] filled(int length, double value) {
    double[] values = new double[length];
    Arrays.fill(values, value);
    return values;
  }

  /** Coefficients over standard errors. */
  public double[] z() {
    double[] z = coefficients.clone();
    for (int k = 0; k < z.length; k++) {
      z[k] /= standardErrors[k];
    }
    return z;
  }

  /** Two-sided p of each coefficient by the normal. */
  public double[] p() {
    return Arrays.stream(z()).map(Distributions::normalTwoSided).toArray();
  }

  /** McFadden's 1 − ℓ/ℓ₀. */
  public double pseudoR2() {
    return 1 - logLikelihood / nullLogLikelihood;
  }

  /** −2ℓ + 2k. */
  public double aic() {
    return -2 * logLikelihood + 2 * coefficients.length;
  }
}
