// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Does a perplexity tell a score? Correlation over schemes, pooled over models, inside them, and of
 * each.
 *
 * @param proxy task and metric of the perplexity
 * @param score task and metric of the score
 * @param points one per model and scheme that has both, x = ln perplexity, y = score
 * @param pooled Pearson, Spearman, Kendall over all points
 * @param within inside models, if there are at least two
 * @param perModel Pearson, Spearman, Kendall of each model's schemes, if there are at least two
 */
public record ProxyCorrelation(
    String proxy,
    String score,
    List<Point> points,
    List<Correlation> pooled,
    Optional<GroupedCorrelation> within,
    Map<String, List<Correlation>> perModel) {

  /** A model under a scheme. */
  public record Point(String model, String scheme, double lnPerplexity, double score) {}

  private record Place(String model, String scheme) {}

  /**
   * Each task's {@link CellSummary#isTextPerplexity} against each task's {@link
   * CellSummary#isScore}.
   */
  static List<ProxyCorrelation> of(List<CellSummary> cells, double level) {
    Map<String, Map<Place, CellSummary>> perplexities =
        byName(cells, CellSummary::isTextPerplexity);
    Map<String, Map<Place, CellSummary>> scores = byName(cells, CellSummary::isScore);
    List<ProxyCorrelation> all = new ArrayList<>();
    perplexities.forEach(
        (proxy, x) -> scores.forEach((score, y) -> all.add(of(proxy, score, points(x, y), level))));
    return List.copyOf(all);
  }

  private static Map<String, Map<Place, CellSummary>> byName(
      List<CellSummary> cells, Predicate<CellSummary> kind) {
    Map<String, Map<Place, CellSummary>> named = new LinkedHashMap<>();
    for (CellSummary cell : cells) {
      if (kind.test(cell) && !Double.isNaN(cell.value())) {
        named
            .computeIfAbsent(name(cell), _ -> new LinkedHashMap<>())
            .put(new Place(cell.key().model(), cell.key().scheme()), cell);
      }
    }
    return named;
  }

  private static String name(CellSummary cell) {
    return cell.key().task() + " " + cell.key().metric();
  }

  private static List<Point> points(Map<Place, CellSummary> x, Map<Place, CellSummary> y) {
    List<Point> points = new ArrayList<>();
    x.forEach((place, perplexity) -> {
      if (y.containsKey(place)) {
        points.add(new Point(place.model, place.scheme, lnValue(perplexity), y.get(place).value()));
      }
    });
    return List.copyOf(points);
  }

  private static double lnValue(CellSummary cell) {
    return switch (cell.metric().aggregation()) {
      case BITS_PER_BYTE -> cell.value() * Math.log(2);
      default -> Math.log(cell.value());
    };
  }

  /** Of points under the names of what they are. */
  static ProxyCorrelation of(String proxy, String score, List<Point> points, double level) {
    double[] x = points.stream().mapToDouble(Point::lnPerplexity).toArray();
    double[] y = points.stream().mapToDouble(Point::score).toArray();
    List<String> models = points.stream().map(Point::model).toList();
    Map<String, List<Correlation>> perModel = new LinkedHashMap<>();
    Optional<GroupedCorrelation> within = Optional.empty();
    if (models.stream().distinct().count() > 1) {
      within = Optional.of(GroupedCorrelation.of(new Pairs(x, y), models, level));
      GroupedCorrelation.split(new Pairs(x, y), models)
          .forEach((model, one) -> perModel.put(model, Correlation.all(one.x(), one.y(), level)));
    }
    return new ProxyCorrelation(
        proxy, score, points, Correlation.all(x, y, level), within, perModel);
  }
}
