// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonArray;
import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.report.GuideView.Figure;
import io.lowbit.stats.TraitCurve;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Accuracy by length, depth and other traits of items. */
final class TraitCharts {
  private static final double PERCENT = 100;

  private final List<TraitCurve> curves;
  private final ChartData data;

  TraitCharts(List<TraitCurve> curves, ChartData data) {
    this.curves = curves;
    this.data = data;
  }

  /** One per task and trait, or a sentence on what it needs. */
  List<Figure> figures() {
    if (curves.isEmpty()) {
      return List.of(
          Figure.missing(
              "Accuracy by length and depth",
              "Not drawn: it needs items that carry a length, a depth or another number (“traits” in"
                  + " the task file), and %d items at each of two values or more."
                      .formatted(TraitCurve.FEWEST_ITEMS)));
    }
    Map<List<String>, List<TraitCurve>> byTrait = new LinkedHashMap<>();
    curves.forEach(curve ->
        byTrait
            .computeIfAbsent(List.of(curve.task(), curve.trait()), _ -> new ArrayList<>())
            .add(curve));
    List<Figure> figures = new ArrayList<>();
    byTrait.forEach((_, ofTrait) -> figures.add(figure("trait-" + figures.size(), ofTrait)));
    return figures;
  }

  private Figure figure(String id, List<TraitCurve> ofTrait) {
    TraitCurve first = ofTrait.getFirst();
    String heading = "Score of %s by %s".formatted(first.task(), first.trait());
    List<String> places = first.points().stream().map(TraitCharts::place).toList();
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    List<Row> rows = new ArrayList<>();
    for (TraitCurve curve : ofTrait) {
      for (int i = 0; i < curve.points().size(); i++) {
        TraitCurve.Point point = curve.points().get(i);
        String range = Figures.percentRange(point.interval());
        String score = Figures.percent(point.score());
        groups
            .computeIfAbsent(curve.scheme(), _ -> new JsonArray())
            .add(
                ChartData.point(
                    curve.scheme(),
                    i,
                    point.score(),
                    point.interval(),
                    PERCENT,
                    "%s\n%s %s\n%s (%s)"
                        .formatted(curve.scheme(), first.trait(), places.get(i), score, range)));
        rows.add(
            new Row(
                List.of(
                    Cell.of(curve.scheme()),
                    Cell.number(places.get(i)),
                    Cell.number(Integer.toString(point.items())),
                    Cell.number(score, range))));
      }
    }
    data.add(id, ChartData.categories("", places), ChartData.axis("score, %", false), groups);
    return new Figure(
        heading,
        List.of("Mean over models, with its interval; the items of one place are the same."),
        List.of(new Page.Chart(id, heading, "")),
        List.of(
            new Table(
                "The numbers of this figure",
                true,
                List.of("Scheme", first.trait(), "Items", "Score"),
                rows)));
  }

  private static String place(TraitCurve.Point point) {
    return point.low() == point.high()
        ? number(point.low())
        : number(point.low()) + "–" + number(point.high());
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.2f", value);
  }
}
