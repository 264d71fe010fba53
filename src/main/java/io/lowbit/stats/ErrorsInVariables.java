// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * A line through points that are uncertain in both directions: perplexities and scores both carry
 * standard errors, and a plain regression then gives a slope that is too flat.
 *
 * @param reliabilityX 1 − mean SE²/variance of x: share of its spread that is not error
 * @param reliabilityY the same of y
 * @param correlation Pearson's r of the points
 * @param errorRatio mean SE² of y over that of x
 * @param deming line by one ratio of error variances for all points
 * @param york line by each point's own errors (York et al. 2004)
 */
public record ErrorsInVariables(
    double reliabilityX,
    double reliabilityY,
    double correlation,
    double errorRatio,
    Line deming,
    Line york) {

  private static final int MAX_ITERATIONS = 10_000;

  /** y = intercept + slope·x. */
  public record Line(double slope, double intercept) {}

  /** Of at least three points with positive standard errors, independent of each other. */
  public static ErrorsInVariables of(Pairs pairs, double[] errorX, double[] errorY) {
    if (pairs.n() < 3) {
      throw new IllegalArgumentException(
          "a line with errors in both variables needs at least 3 points, but there are "
              + pairs.n());
    }
    double[] varianceX = squares("x", pairs.x(), errorX);
    double[] varianceY = squares("y", pairs.y(), errorY);
    double ratio = Moments.mean(varianceY) / Moments.mean(varianceX);
    Line deming = deming(pairs, ratio);
    return new ErrorsInVariables(
        1 - Moments.mean(varianceX) / Moments.variance(pairs.x()),
        1 - Moments.mean(varianceY) / Moments.variance(pairs.y()),
        pairs.pearson(),
        ratio,
        deming,
        york(pairs, varianceX, varianceY, deming.slope));
  }

  private static double[] squares(String name, double[] values, double[] errors) {
    Moments.requireSameLength(values, errors);
    double[] squares = new double[errors.length];
    for (int i = 0; i < squares.length; i++) {
      if (!(errors[i] > 0)) {
        throw new IllegalArgumentException(
            "the standard error of %s[%d] is %s; it must be positive"
                .formatted(name, i, errors[i]));
      }
      squares[i] = errors[i] * errors[i];
    }
    return squares;
  }

  /**
   * r/√(λₓλ_y), what r would be without measurement error; beyond ±1 if the errors explain more
   * than the spread. NaN if a reliability is not positive.
   */
  public double disattenuated() {
    return correlation / (Math.sqrt(reliabilityX) * Math.sqrt(reliabilityY));
  }

  private static Line deming(Pairs pairs, double ratio) {
    double[] dx = Moments.centered(pairs.x());
    double[] dy = Moments.centered(pairs.y());
    double xx = Moments.dot(dx, dx);
    double yy = Moments.dot(dy, dy);
    double xy = Moments.dot(dx, dy);
    double gap = yy - ratio * xx;
    double slope = (gap + Math.sqrt(gap * gap + 4 * ratio * xy * xy)) / (2 * xy);
    return new Line(slope, Moments.mean(pairs.y()) - slope * Moments.mean(pairs.x()));
  }

  private static Line york(Pairs pairs, double[] varianceX, double[] varianceY, double start) {
    int n = pairs.n();
    double slope = start;
    double intercept = Double.NaN;
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      double[] weights = new double[n];
      for (int i = 0; i < n; i++) {
        weights[i] = 1 / (varianceY[i] + slope * slope * varianceX[i]);
      }
      double total = Moments.sum(weights);
      double meanX = Moments.dot(weights, pairs.x()) / total;
      double meanY = Moments.dot(weights, pairs.y()) / total;
      double top = 0;
      double bottom = 0;
      for (int i = 0; i < n; i++) {
        double u = pairs.x()[i] - meanX;
        double v = pairs.y()[i] - meanY;
        double beta = weights[i] * (u * varianceY[i] + slope * v * varianceX[i]);
        top += weights[i] * beta * v;
        bottom += weights[i] * beta * u;
      }
      double next = top / bottom;
      intercept = meanY - next * meanX;
      boolean isDone = Math.abs(next - slope) <= 1e-14 * Math.abs(next);
      slope = next;
      if (isDone) {
        break;
      }
    }
    return new Line(slope, intercept);
  }
}
