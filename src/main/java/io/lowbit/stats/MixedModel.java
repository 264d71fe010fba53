// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.MultivariateFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
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
 * @param standardErrors of both, from the second derivative of the likelihood at its maximum, so
 *     that the uncertainty of the covariance is in them
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
    Fit fit = new Fit(groups, pairs.n(), likelihood);
    double[] start = isSlopeVarying ? new double[] {1, 0, 1} : new double[] {1};
    double[] root = minimise(point -> -fit.at(point).logLikelihood, start);
    Solution best = fit.at(root);
    RealMatrix factor = factor(root);
    return new MixedModel(
        best.line.getEntry(0),
        best.line.getEntry(1),
        fit.standardErrors(root, best.line),
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

  /** Line, variance of e and likelihood at one relative covariance. */
  private record Solution(RealVector line, double variance, double logLikelihood) {}

  /**
   * Sums over groups at one relative covariance V.
   *
   * @param information XᵀV⁻¹X
   * @param score XᵀV⁻¹y
   * @param outcomes yᵀV⁻¹y
   * @param logDeterminant ln|V|
   */
  private record Sums(
      RealMatrix information, RealVector score, double outcomes, double logDeterminant) {

    double squares(RealVector line) {
      return outcomes - 2 * line.dotProduct(score) + line.dotProduct(information.operate(line));
    }
  }

  /** The likelihood of groups with n rows in all. */
  private record Fit(List<Group> groups, int n, Likelihood likelihood) {
    private static final double STEP = 1e-4;

    Sums sums(double[] root) {
      RealMatrix factor = factor(root);
      RealMatrix information = new Array2DRowRealMatrix(2, 2);
      RealVector score = new ArrayRealVector(2);
      double outcomes = 0;
      double logDeterminant = 0;
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
      return new Sums(information, score, outcomes, logDeterminant);
    }

    private double degreesOfFreedom() {
      return likelihood == Likelihood.RESTRICTED ? n - 2.0 : n;
    }

    Solution at(double[] root) {
      Sums sums = sums(root);
      RealVector line =
          new CholeskyDecomposition(sums.information, 1e-9, 0).getSolver().solve(sums.score);
      return new Solution(line, sums.squares(line) / degreesOfFreedom(), logLikelihood(sums, line));
    }

    private double logLikelihood(Sums sums, RealVector line) {
      double df = degreesOfFreedom();
      double variance = sums.squares(line) / df;
      double logLikelihood =
          -0.5 * (df * (Math.log(2 * Math.PI * variance) + 1) + sums.logDeterminant);
      return likelihood == Likelihood.RESTRICTED
          ? logLikelihood - 0.5 * Math.log(new LUDecomposition(sums.information).getDeterminant())
          : logLikelihood;
    }

    /**
     * From the inverse of minus the second derivative by line and covariance. By the line it is
     * closed; by the covariance it is a central difference.
     */
    double[] standardErrors(double[] root, RealVector line) {
      int k = root.length;
      double[][] curvature = new double[2 + k][2 + k];
      Sums center = sums(root);
      double variance = center.squares(line) / degreesOfFreedom();
      for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 2; b++) {
          curvature[a][b] = center.information.getEntry(a, b) / variance;
        }
      }
      for (int i = 0; i < k; i++) {
        RealVector slope =
            pull(moved(root, i, 1, i, 0), line).subtract(pull(moved(root, i, -1, i, 0), line));
        for (int a = 0; a < 2; a++) {
          double mixed = -slope.getEntry(a) / (2 * STEP * variance);
          curvature[a][2 + i] = mixed;
          curvature[2 + i][a] = mixed;
        }
        for (int j = 0; j < k; j++) {
          double second =
              height(moved(root, i, 1, j, 1), line)
                  - height(moved(root, i, 1, j, -1), line)
                  - height(moved(root, i, -1, j, 1), line)
                  + height(moved(root, i, -1, j, -1), line);
          curvature[2 + i][2 + j] = -second / (4 * STEP * STEP);
        }
      }
      RealMatrix inverse =
          new LUDecomposition(new Array2DRowRealMatrix(curvature, false)).getSolver().getInverse();
      return new double[] {
        Math.sqrt(inverse.getEntry(0, 0)), Math.sqrt(inverse.getEntry(1, 1)),
      };
    }

    /** XᵀV⁻¹(y − Xβ), which is zero at the maximum. */
    private RealVector pull(double[] root, RealVector line) {
      Sums sums = sums(root);
      return sums.score.subtract(sums.information.operate(line));
    }

    private double height(double[] root, RealVector line) {
      return logLikelihood(sums(root), line);
    }

    private static double[] moved(double[] root, int i, int stepsI, int j, int stepsJ) {
      double[] moved = root.clone();
      moved[i] += stepsI * STEP;
      moved[j] += stepsJ * STEP;
      return moved;
    }
  }
}
