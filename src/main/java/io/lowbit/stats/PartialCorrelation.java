// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Correlation of x and y with the linear part of some covariates (model size, family) taken out.
 *
 * @param n number of observations
 * @param degreesOfFreedom n − 2 − number of covariates
 * @param value partial r, NaN if a residual has no spread or no degree of freedom is left
 * @param p two-sided p by Student's t
 * @param interval tanh(atanh r ± z/√(n−k−3)); none if n − k ≤ 3
 * @param semipartialX covariates taken out of x only
 * @param semipartialY covariates taken out of y only
 */
public record PartialCorrelation(
    int n,
    int degreesOfFreedom,
    double value,
    double p,
    Optional<Interval> interval,
    double semipartialX,
    double semipartialY) {

  /** Residuals at rounding level are no spread. */
  private static final double NO_SPREAD = 1e-12;

  /**
   * Takes the covariates out. All NaN if one of them is constant, so that there is nothing to take.
   *
   * @param covariates [covariate][observation]
   */
  public static PartialCorrelation of(double[] x, double[] y, double[][] covariates, double level) {
    int n = x.length;
    int k = covariates.length;
    if (Arrays.stream(covariates).anyMatch(Moments::isConstant)) {
      return new PartialCorrelation(
          n, n - 2 - k, Double.NaN, Double.NaN, Optional.empty(), Double.NaN, Double.NaN);
    }
    double[] restX = residuals(x, covariates);
    double[] restY = residuals(y, covariates);
    double r = n - 2 - k < 1 ? Double.NaN : new Pairs(restX, restY).pearson();
    return new PartialCorrelation(
        n,
        n - 2 - k,
        r,
        Correlation.tTestP(r, n - 2 - k),
        Correlation.fisher(r, 1.0 / (n - k - 3), level),
        new Pairs(restX, y).pearson(),
        new Pairs(x, restY).pearson());
  }

  private static double[] residuals(double[] values, double[][] covariates) {
    double[][] rows = new double[values.length][covariates.length];
    for (int i = 0; i < values.length; i++) {
      for (int k = 0; k < covariates.length; k++) {
        rows[i][k] = covariates[k][i];
      }
    }
    double[] residuals = LeastSquares.of(values, rows).residuals();
    double scale = Math.sqrt(Moments.sumOfSquares(values));
    return Math.sqrt(Moments.dot(residuals, residuals)) <= NO_SPREAD * scale
        ? new double[values.length]
        : residuals;
  }

  /** Partial rank correlation from the inverse of the matrix of Spearman's ρ. */
  public static double spearman(double[] x, double[] y, double[][] covariates) {
    double[][] variables = new double[covariates.length + 2][];
    variables[0] = x;
    variables[1] = y;
    System.arraycopy(covariates, 0, variables, 2, covariates.length);
    RealMatrix rho = MatrixUtils.createRealIdentityMatrix(variables.length);
    for (int i = 0; i < variables.length; i++) {
      for (int j = 0; j < i; j++) {
        double value = new Pairs(variables[i], variables[j]).spearman();
        rho.setEntry(i, j, value);
        rho.setEntry(j, i, value);
      }
    }
    LUDecomposition decomposed = new LUDecomposition(rho);
    if (!decomposed.getSolver().isNonSingular()) {
      return Double.NaN;
    }
    RealMatrix inverse = decomposed.getSolver().getInverse();
    return -inverse.getEntry(0, 1) / Math.sqrt(inverse.getEntry(0, 0) * inverse.getEntry(1, 1));
  }
}
