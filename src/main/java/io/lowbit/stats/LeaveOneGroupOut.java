// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Does a proxy (Δ ln perplexity) predict a score change on a model that was not in the fit? Each
 * group is predicted by a line fitted to all others. A fit that only looks good on its own data
 * shows here, beside the prediction "no change".
 *
 * @param linear a line with intercept
 * @param throughOrigin a line through (0, 0)
 * @param noChange the prediction 0
 * @param slopes slope through the origin without group 0, 1, …
 * @param rankAccuracy share of pairs inside groups that {@code linear} puts in the right order; NaN
 *     without a pair
 */
public record LeaveOneGroupOut(
    Prediction linear,
    Prediction throughOrigin,
    Prediction noChange,
    double[] slopes,
    double rankAccuracy) {

  /**
   * Out-of-group predictions and their errors.
   *
   * @param values prediction of each point
   * @param residuals prediction − seen
   * @param meanAbsoluteError mean |residual|
   * @param rootMeanSquareError √mean residual²
   * @param skillOverZero 1 − SSE/Σy²
   * @param skillOverMean 1 − SSE/Σ(y − ȳ)²
   */
  public record Prediction(
      double[] values,
      double[] residuals,
      double meanAbsoluteError,
      double rootMeanSquareError,
      double skillOverZero,
      double skillOverMean) {

    private static Prediction of(double[] values, double[] y) {
      double[] residuals = Moments.difference(values, y);
      double squares = Moments.dot(residuals, residuals);
      return new Prediction(
          values,
          residuals,
          Moments.mean(Arrays.stream(residuals).map(Math::abs).toArray()),
          Moments.rootMeanSquare(residuals),
          1 - squares / Moments.dot(y, y),
          1 - squares / Moments.sumOfSquares(y));
    }

    /**
     * Half-width that covers a new point with the given chance (split conformal): the
     * ⌈(n+1)·level⌉-th smallest |residual|; none if there are too few points.
     */
    public Optional<Double> conformalHalfWidth(double level) {
      int rank = (int) Math.ceil((residuals.length + 1) * level);
      double[] sizes = Arrays.stream(residuals).map(Math::abs).sorted().toArray();
      return rank > sizes.length ? Optional.empty() : Optional.of(sizes[rank - 1]);
    }
  }

  /** Fits y on x without each group in turn; at least two groups. */
  public static LeaveOneGroupOut of(Pairs pairs, List<String> labels) {
    Clusters groups = Clusters.of(labels);
    if (groups.count() < 2) {
      throw new IllegalArgumentException(
          "leaving one group out needs at least 2 groups, but all points share one");
    }
    int n = pairs.n();
    double[] linear = new double[n];
    double[] origin = new double[n];
    double[] slopes = new double[groups.count()];
    for (int group = 0; group < groups.count(); group++) {
      Pairs rest = without(pairs, groups, group);
      double[][] rows =
          Arrays.stream(rest.x()).mapToObj(x -> new double[] {x}).toArray(double[][]::new);
      double[] line = LeastSquares.of(rest.y(), rows).coefficients();
      slopes[group] = Moments.dot(rest.x(), rest.y()) / Moments.dot(rest.x(), rest.x());
      for (int i = 0; i < n; i++) {
        if (groups.of()[i] == group) {
          linear[i] = line[0] + line[1] * pairs.x()[i];
          origin[i] = slopes[group] * pairs.x()[i];
        }
      }
    }
    return new LeaveOneGroupOut(
        Prediction.of(linear, pairs.y()),
        Prediction.of(origin, pairs.y()),
        Prediction.of(new double[n], pairs.y()),
        slopes,
        rankAccuracy(linear, pairs.y(), groups));
  }

  private static Pairs without(Pairs pairs, Clusters groups, int group) {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < pairs.n(); i++) {
      if (groups.of()[i] != group) {
        kept.add(i);
      }
    }
    return pairs.select(kept.stream().mapToInt(Integer::intValue).toArray());
  }

  private static double rankAccuracy(double[] predicted, double[] y, Clusters groups) {
    int right = 0;
    int pairs = 0;
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < i; j++) {
        if (groups.of()[i] == groups.of()[j] && y[i] != y[j]) {
          pairs++;
          right += (predicted[i] - predicted[j]) * (y[i] - y[j]) > 0 ? 1 : 0;
        }
      }
    }
    return (double) right / pairs;
  }
}
