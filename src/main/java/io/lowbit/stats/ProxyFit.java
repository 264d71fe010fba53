// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A line of score on ln perplexity, with the interval of the line at each place.
 *
 * @param group model whose line it is; "all models" for the pooled one
 * @param isPooled whether it is fitted over all configurations alike; else every model has its own
 *     level and all share the slope
 * @param n number of configurations in the fit
 * @param slope change of the score per nat
 * @param slopeInterval of it: CR1 over models for the pooled line, classical for the other
 * @param method how the interval was made
 * @param line places from left to right
 */
public record ProxyFit(
    String group,
    boolean isPooled,
    int n,
    double slope,
    Interval slopeInterval,
    String method,
    List<Place> line) {

  /** The line at one ln perplexity. */
  public record Place(double lnPerplexity, FittedValue fitted) {}

  private static final int PLACES = 24;
  private static final int FEWEST_DEGREES_OF_FREEDOM = 2;

  /**
   * The pooled line, then one per model; none where fewer than two degrees of freedom are left for
   * the noise.
   */
  public static List<ProxyFit> of(List<ProxyCorrelation.Point> points, double level) {
    List<ProxyFit> fits = new ArrayList<>();
    pooled(points, level).ifPresent(fits::add);
    fits.addAll(within(points, level));
    return List.copyOf(fits);
  }

  private static double[] scores(List<ProxyCorrelation.Point> points) {
    return points.stream().mapToDouble(ProxyCorrelation.Point::score).toArray();
  }

  private static boolean hasSpread(List<ProxyCorrelation.Point> points) {
    return points.stream().mapToDouble(ProxyCorrelation.Point::lnPerplexity).distinct().count() > 1;
  }

  private static Optional<ProxyFit> pooled(List<ProxyCorrelation.Point> points, double level) {
    if (points.size() < 2 + FEWEST_DEGREES_OF_FREEDOM || !hasSpread(points)) {
      return Optional.empty();
    }
    double[][] x =
        points.stream().map(point -> new double[] {point.lnPerplexity()}).toArray(double[][]::new);
    LeastSquares fit = LeastSquares.of(scores(points), x);
    Optional<Clusters> models =
        Optional.of(Clusters.of(points.stream().map(ProxyCorrelation.Point::model).toList()))
            .filter(found -> found.count() > 1 && found.shared());
    double error =
        models.map(found -> fit.clusterErrors(found, true)).orElseGet(fit::standardErrors)[1];
    double df = models.map(found -> found.count() - 1).orElse(fit.degreesOfFreedom());
    List<Place> line = new ArrayList<>();
    for (double place : places(points)) {
      double[] at = {place};
      line.add(
          new Place(
              place,
              models
                  .map(found -> FittedValue.of(fit, at, found, level))
                  .orElseGet(() -> FittedValue.of(fit, at, level))));
    }
    double slope = fit.coefficients()[1];
    return Optional.of(
        new ProxyFit(
            "all models",
            true,
            points.size(),
            slope,
            Interval.around(slope, error, Interval.tQuantile(level, df), level),
            models
                .map(found ->
                    "errors clustered by model (CR1), t with %d degrees of freedom"
                        .formatted(found.count() - 1))
                .orElse("independent errors"),
            line));
  }

  /** One line per model, all with one slope; none below two models. */
  static List<ProxyFit> within(List<ProxyCorrelation.Point> points, double level) {
    List<String> models = points.stream().map(ProxyCorrelation.Point::model).distinct().toList();
    boolean varies = models.stream().anyMatch(model -> hasSpread(ofModel(points, model)));
    if (models.size() < 2
        || points.size() < models.size() + 1 + FEWEST_DEGREES_OF_FREEDOM
        || !varies) {
      return List.of();
    }
    double[][] x =
        points.stream()
            .map(point -> predictors(point.lnPerplexity(), models.indexOf(point.model()), models))
            .toArray(double[][]::new);
    LeastSquares fit = LeastSquares.of(scores(points), x);
    double slope = fit.coefficients()[1];
    Interval interval =
        Interval.around(
            slope,
            fit.standardErrors()[1],
            Interval.tQuantile(level, fit.degreesOfFreedom()),
            level);
    return models.stream()
        .filter(model -> hasSpread(ofModel(points, model)))
        .map(model ->
            new ProxyFit(
                model,
                false,
                points.size(),
                slope,
                interval,
                "independent errors around each model's own level",
                places(ofModel(points, model)).stream()
                    .map(place ->
                        new Place(
                            place,
                            FittedValue.of(
                                fit, predictors(place, models.indexOf(model), models), level)))
                    .toList()))
        .toList();
  }

  private static List<ProxyCorrelation.Point> ofModel(
      List<ProxyCorrelation.Point> points, String model) {
    return points.stream().filter(point -> point.model().equals(model)).toList();
  }

  /** ln perplexity, then 1 for the model's own level, of all models but the first. */
  private static double[] predictors(double lnPerplexity, int model, List<String> models) {
    double[] row = new double[models.size()];
    row[0] = lnPerplexity;
    if (model > 0) {
      row[model] = 1;
    }
    return row;
  }

  private static List<Double> places(List<ProxyCorrelation.Point> points) {
    double low =
        points.stream().mapToDouble(ProxyCorrelation.Point::lnPerplexity).min().orElseThrow();
    double high =
        points.stream().mapToDouble(ProxyCorrelation.Point::lnPerplexity).max().orElseThrow();
    List<Double> places = new ArrayList<>();
    for (int i = 0; i < PLACES; i++) {
      places.add(low + (high - low) * i / (PLACES - 1));
    }
    return places;
  }
}
