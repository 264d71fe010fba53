// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.MultivariateFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleValueChecker;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.SimplexOptimizer;

/**
 * A line whose intercept, and on demand slope, varies between groups (models): y = β₀ + β₁x + u₀ +
 * u₁x + e. It needs at least five groups to say anything about their spread. The likelihood is
 * maximised over the covariance of u relative to the variance of e, in Cholesky form, so a
 * covariance on the edge (no spread, or u₀ and u₁ in step) is reached and not walked past; the rest
 * has closed forms (Laird and Ware 1982).
 *
 * @param intercept β₀
 * @param slope β₁
 * @param standardErrors of both, from XᵀV⁻¹X at the estimated covariance
 * @param residualVariance of e
 * @param groupCovariance of u₀ (and u₁)
 * @param logLikelihood at the maximum, restricted or full
 */
public record MixedModel(
    double intercept,
    double slope,
    double[] standardErrors,
    double residualVariance,
    double[][] groupCovariance,
    double logLikelihood) {

  /** Fewest groups whose spread can be estimated. */
  public static final int FEWEST_GROUPS = 5;

  private static final int RESTARTS = 4;

  /** What is maximised. */
  public enum Likelihood {
    /** Restricted: variances without the bias from estimating the line (REML). */
    RESTRICTED,
    /** Full: likelihoods of different lines can be compared (ML). */
    FULL
  }

  /**
   * Fits the line.
   *
   * @param labels group of each pair
   * @param isSlopeVarying whether groups have slopes of their own too
   * @throws IllegalArgumentException below {@link #FEWEST_GROUPS} groups
   */
  public static MixedModel of(
      Pairs pairs, List<String> labels, boolean isSlopeVarying, Likelihood likelihood) {
    Clusters clusters = Clusters.of(labels);
    if (clusters.count() < FEWEST_GROUPS) {
      throw new IllegalArgumentException(
          "a mixed model needs at least %d groups, but there are %d; use the within-group correlation"
              .formatted(FEWEST_GROUPS, clusters.count()));
    }
    List<Group> groups =
        IntStream.range(0, clusters.count())
            .mapToObj(g -> Group.of(pairs, clusters, g, isSlopeVarying))
            .toList();
    MultivariateFunction deviance =
        root -> -Solution.of(groups, root, pairs.n(), likelihood).logLikelihood;
    double[] start = isSlopeVarying ? new double[] {1, 0, 1} : new double[] {1};
    double[] root = minimise(deviance, start);
    Solution best = Solution.of(groups, root, pairs.n(), likelihood);
    RealMatrix factor = factor(root);
    return new MixedModel(
        best.fixed.getEntry(0),
        best.fixed.getEntry(1),
        IntStream.range(0, 2)
            .mapToDouble(k -> Math.sqrt(best.variance * best.inverse.getEntry(k, k)))
            .toArray(),
        best.variance,
        factor.multiply(factor.transpose()).scalarMultiply(best.variance).getData(),
        best.logLikelihood);
  }

  /** The simplex is restarted where it stopped: a collapsed one starts afresh. */
  private static double[] minimise(MultivariateFunction deviance, double[] start) {
    double[] best = start;
    for (int i = 0; i < RESTARTS; i++) {
      double[] sides = new double[start.length];
      Arrays.fill(sides, i == 0 ? 0.5 : 0.05);
      best =
          new SimplexOptimizer(new SimpleValueChecker(1e-15, 1e-13))
              .optimize(
                  new MaxEval(20_000),
                  new ObjectiveFunction(deviance),
                  GoalType.MINIMIZE,
                  new InitialGuess(best),
                  new NelderMeadSimplex(sides))
              .getPoint();
    }
    return best;
  }

  /** The lower triangle given row by row. */
  private static RealMatrix factor(double[] root) {
    return root.length == 1
        ? new Array2DRowRealMatrix(new double[][] {{root[0]}})
        : new Array2DRowRealMatrix(new double[][] {{root[0], 0}, {root[1], root[2]}});
  }

  /** A group's rows: columns (1, x), outcome, and the columns that vary between groups. */
  private record Group(RealMatrix design, RealVector outcome, RealMatrix varying) {
    static Group of(Pairs pairs, Clusters clusters, int group, boolean isSlopeVarying) {
      int[] members =
          IntStream.range(0, pairs.n()).filter(i -> clusters.of()[i] == group).toArray();
      Pairs own = pairs.select(members);
      double[][] design =
          Arrays.stream(own.x()).mapToObj(x -> new double[] {1, x}).toArray(double[][]::new);
      RealMatrix matrix = new Array2DRowRealMatrix(design, false);
      RealMatrix varying =
          isSlopeVarying ? matrix : matrix.getSubMatrix(0, members.length - 1, 0, 0);
      return new Group(matrix, new ArrayRealVector(own.y()), varying);
    }
  }

  /**
   * Line and likelihood at one relative covariance.
   *
   * @param inverse (XᵀV⁻¹X)⁻¹ with V relative to the variance of e
   */
  private record Solution(
      RealVector fixed, RealMatrix inverse, double variance, double logLikelihood) {

    static Solution of(List<Group> groups, double[] root, int n, Likelihood likelihood) {
      RealMatrix factor = factor(root);
      RealMatrix information = new Array2DRowRealMatrix(2, 2);
      RealVector score = new ArrayRealVector(2);
      double logDeterminant = 0;
      double outcomes = 0;
      for (Group group : groups) {
        int rows = group.outcome.getDimension();
        RealMatrix scaled = group.varying.multiply(factor);
        RealMatrix covariance =
            MatrixUtils.createRealIdentityMatrix(rows).add(scaled.multiply(scaled.transpose()));
        CholeskyDecomposition cholesky = new CholeskyDecomposition(covariance, 1e-9, 0);
        for (int i = 0; i < rows; i++) {
          logDeterminant += 2 * Math.log(cholesky.getL().getEntry(i, i));
        }
        RealVector weighted = cholesky.getSolver().solve(group.outcome);
        information =
            information.add(
                group.design.transpose().multiply(cholesky.getSolver().solve(group.design)));
        score = score.add(group.design.preMultiply(weighted));
        outcomes += group.outcome.dotProduct(weighted);
      }
      CholeskyDecomposition fit = new CholeskyDecomposition(information, 1e-9, 0);
      RealVector fixed = fit.getSolver().solve(score);
      double squares = outcomes - fixed.dotProduct(score);
      boolean isRestricted = likelihood == Likelihood.RESTRICTED;
      double df = isRestricted ? n - 2.0 : n;
      double variance = squares / df;
      double logLikelihood = -0.5 * (df * (Math.log(2 * Math.PI * variance) + 1) + logDeterminant);
      if (isRestricted) {
        logLikelihood -= 0.5 * Math.log(fit.getDeterminant());
      }
      return new Solution(fixed, fit.getSolver().getInverse(), variance, logLikelihood);
    }
  }
}
