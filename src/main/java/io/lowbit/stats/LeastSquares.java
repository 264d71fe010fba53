// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Least squares with an intercept, ordinary or weighted. Rows of a weighted fit are multiplied by
 * the root of their weight; what is said about rows and residuals is said about those.
 *
 * @param design [observations, 1 + predictors], first column ones
 * @param outcome y
 * @param weights one per observation
 * @param coefficients intercept first
 * @param residuals y − fitted
 * @param inverse (XᵀX)⁻¹
 */
public record LeastSquares(
    double[][] design,
    double[] outcome,
    double[] weights,
    double[] coefficients,
    double[] residuals,
    double[][] inverse) {

  /**
   * Fits y on the rows of x.
   *
   * @param x [observations, predictors], without the column of ones
   * @throws IllegalArgumentException if the predictors are collinear or the rows too few
   */
  public static LeastSquares of(double[] y, double[][] x) {
    return of(y, x, Perplexity.ones(y.length));
  }

  /**
   * Fits y on the rows of x with weights, which are inverse variances up to a factor.
   *
   * @param x [observations, predictors], without the column of ones
   * @throws IllegalArgumentException if the predictors are collinear, the rows too few, or a weight
   *     is not positive
   */
  public static LeastSquares of(double[] y, double[][] x, double[] weights) {
    Moments.requireSameLength(y, weights);
    int columns = (x.length == 0 ? 0 : x[0].length) + 1;
    if (y.length < columns) {
      throw new IllegalArgumentException(
          "a fit of " + columns + " coefficients needs as many rows, but there are " + y.length);
    }
    double[][] design = new double[y.length][columns];
    double[] outcome = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      if (!(weights[i] > 0)) {
        throw new IllegalArgumentException(
            "weight %d is %s; weights must be positive".formatted(i, weights[i]));
      }
      double root = Math.sqrt(weights[i]);
      outcome[i] = root * y[i];
      design[i][0] = root;
      for (int k = 1; k < columns; k++) {
        design[i][k] = root * x[i][k - 1];
      }
    }
    RealMatrix matrix = new Array2DRowRealMatrix(design, false);
    QRDecomposition qr = new QRDecomposition(matrix, 1e-12);
    if (!qr.getSolver().isNonSingular()) {
      throw new IllegalArgumentException(
          "the predictors are collinear (one is a combination of the others); leave one out");
    }
    double[] coefficients = qr.getSolver().solve(new ArrayRealVector(outcome)).toArray();
    double[] fitted = matrix.operate(coefficients);
    // (XᵀX)⁻¹ = R⁻¹R⁻ᵀ, without squaring the condition number.
    RealMatrix r = qr.getR().getSubMatrix(0, columns - 1, 0, columns - 1);
    RealMatrix rInverse = new LUDecomposition(r, 0).getSolver().getInverse();
    return new LeastSquares(
        design,
        outcome,
        weights.clone(),
        coefficients,
        Moments.difference(outcome, fitted),
        rInverse.multiply(rInverse.transpose()).getData());
  }

  /** Residual degrees of freedom, n − k. */
  public int degreesOfFreedom() {
    return residuals.length - coefficients.length;
  }

  /** Residual variance. */
  public double residualVariance() {
    return Moments.dot(residuals, residuals) / degreesOfFreedom();
  }

  /** Classical standard errors of the coefficients. */
  public double[] standardErrors() {
    return roots(covariance());
  }

  /** Classical covariance of the coefficients. */
  double[][] covariance() {
    return new Array2DRowRealMatrix(inverse, false).scalarMultiply(residualVariance()).getData();
  }

  /** Diagonal of the hat matrix. */
  public double[] leverage() {
    double[] leverage = new double[residuals.length];
    for (int i = 0; i < leverage.length; i++) {
      for (int j = 0; j < coefficients.length; j++) {
        for (int k = 0; k < coefficients.length; k++) {
          leverage[i] += design[i][j] * inverse[j][k] * design[i][k];
        }
      }
    }
    return leverage;
  }

  /** White's robust standard errors. */
  public enum Robust {
    HC0,
    HC1,
    HC2,
    HC3
  }

  /** Heteroskedasticity-robust standard errors. */
  public double[] robustErrors(Robust kind) {
    double[] leverage = leverage();
    double[][] meat = new double[coefficients.length][coefficients.length];
    double n = residuals.length;
    for (int i = 0; i < residuals.length; i++) {
      double rest = 1 - leverage[i];
      double weight =
          switch (kind) {
            case HC0 -> 1;
            case HC1 -> n / degreesOfFreedom();
            case HC2 -> 1 / rest;
            case HC3 -> 1 / (rest * rest);
          };
      addOuter(meat, design[i], weight * residuals[i] * residuals[i]);
    }
    return roots(sandwich(meat));
  }

  /**
   * Cluster-robust standard errors.
   *
   * @param corrected CR1, with G/(G−1)·(n−1)/(n−k); else CR0
   */
  public double[] clusterErrors(Clusters clusters, boolean corrected) {
    return roots(clusterCovariance(clusters, corrected));
  }

  /** Cluster-robust covariance of the coefficients, see {@link #clusterErrors}. */
  double[][] clusterCovariance(Clusters clusters, boolean corrected) {
    double groups = clusters.count();
    if (groups < 2) {
      throw new IllegalArgumentException(
          "cluster-robust errors need at least 2 clusters, but all rows share one");
    }
    double[][] scores = new double[clusters.count()][coefficients.length];
    for (int i = 0; i < residuals.length; i++) {
      for (int k = 0; k < coefficients.length; k++) {
        scores[clusters.of()[i]][k] += design[i][k] * residuals[i];
      }
    }
    double n = residuals.length;
    double factor = corrected ? groups / (groups - 1) * (n - 1) / degreesOfFreedom() : 1;
    double[][] meat = new double[coefficients.length][coefficients.length];
    for (double[] score : scores) {
      addOuter(meat, score, factor);
    }
    return sandwich(meat);
  }

  private static void addOuter(double[][] sum, double[] row, double weight) {
    for (int j = 0; j < row.length; j++) {
      for (int k = 0; k < row.length; k++) {
        sum[j][k] += weight * row[j] * row[k];
      }
    }
  }

  private double[][] sandwich(double[][] meat) {
    RealMatrix bread = new Array2DRowRealMatrix(inverse, false);
    return bread.multiply(new Array2DRowRealMatrix(meat, false)).multiply(bread).getData();
  }

  private static double[] roots(double[][] covariance) {
    double[] errors = new double[covariance.length];
    for (int k = 0; k < errors.length; k++) {
      errors[k] = Math.sqrt(Math.max(0, covariance[k][k]));
    }
    return errors;
  }
}
