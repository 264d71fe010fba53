// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Interval;
import io.lowbit.stats.SchemeComparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The charts of the page as data for its drawing code. */
final class Charts {
  private static final String SIZE_NOTE =
      "Bits per weight count the whole model: codes, scales, zero points, and what stays"
          + " unquantized; they do not count the cache. Bars are intervals of the paired";

  private final Comparison comparison;
  private final Map<Cell.Key, SchemeComparison> effects = new HashMap<>();
  private final List<Page.Chart> charts = new ArrayList<>();
  private final ChartData data;

  private Charts(Comparison comparison, ChartData data) {
    this.comparison = comparison;
    this.data = data;
    comparison.comparisons().forEach(one -> effects.put(one.key(), one));
  }

  /** Headings in page order; the drawings go into the data. */
  static List<Page.Chart> of(Comparison comparison, ChartData data) {
    Charts charts = new Charts(comparison, data);
    charts.perplexityAgainstScores();
    charts.againstSize(
        new Page.Chart(
            "size-perplexity",
            "Perplexity against size",
            "Perplexity as a multiple of the baseline's, so that tasks can be compared. "
                + SIZE_NOTE
                + " ratio."),
        ChartData.axis("perplexity, multiple of the baseline's", true),
        cell -> cell.isTextPerplexity() && isExponential(cell));
    charts.againstSize(
        new Page.Chart(
            "size-score",
            "Scores against size",
            "Scores as points gained or lost against the baseline on the same items. "
                + SIZE_NOTE
                + " difference."),
        ChartData.axis("change of score, points", false),
        cell -> cell.isScore() && cell.metric().isShare());
    return charts.charts;
  }

  /** Bits per byte are logarithms already and have no ratio to a baseline. */
  private static boolean isExponential(CellSummary cell) {
    return cell.metric().aggregation() != Aggregation.BITS_PER_BYTE;
  }

  private List<CellSummary> cells(Predicate<CellSummary> wanted) {
    return comparison.cells().stream()
        .filter(wanted)
        .filter(cell -> Double.isFinite(cell.value()))
        .toList();
  }

  /** One chart per text, over all scores. */
  private void perplexityAgainstScores() {
    Map<String, List<CellSummary>> texts = new LinkedHashMap<>();
    for (CellSummary cell : cells(CellSummary::isTextPerplexity)) {
      texts.computeIfAbsent(cell.key().task(), _ -> new ArrayList<>()).add(cell);
    }
    List<CellSummary> scores = cells(cell -> cell.isScore() && cell.metric().isShare());
    texts.forEach((task, perplexities) -> {
      Map<String, JsonArray> groups = new LinkedHashMap<>();
      for (CellSummary x : perplexities) {
        scores.stream()
            .filter(y -> isSameRun(x.key(), y.key()))
            .forEach(y -> add(groups, y, x.value(), y.value(), y.interval(), 100, scoreText(x, y)));
      }
      CellSummary first = perplexities.getFirst();
      add(
          new Page.Chart(
              "perplexity-" + charts.size(),
              "Perplexity on " + task + " against scores",
              "Each point is a scheme; bars are intervals of the score. Perplexity: "
                  + first.example().protocol()
                  + "."),
          ChartData.axis(first.metric().name() + " on " + task, true),
          ChartData.axis("score, %", false),
          groups);
    });
  }

  private static boolean isSameRun(Cell.Key x, Cell.Key y) {
    return x.model().equals(y.model()) && x.scheme().equals(y.scheme());
  }

  /** The paired effect of each scheme over its size; the baseline is where nothing changes. */
  private void againstSize(Page.Chart chart, JsonObject y, Predicate<CellSummary> wanted) {
    Map<String, JsonArray> groups = new LinkedHashMap<>();
    for (CellSummary cell : cells(wanted)) {
      SchemeComparison one = effects.get(cell.key());
      boolean isBaseline =
          cell.key().scheme().equals(comparison.baselines().get(cell.key().model()));
      double bits = cell.example().modelBits();
      double scale = cell.isScore() ? 100 : 1;
      if (one != null && Double.isFinite(one.effect())) {
        add(groups, cell, bits, one.effect(), one.interval(), scale, effectText(cell, one));
      } else if (isBaseline) {
        String text = label(cell) + "\nbaseline";
        add(groups, cell, bits, cell.isScore() ? 0 : 1, Optional.empty(), scale, text);
      }
    }
    add(chart, ChartData.axis("bits per weight, whole model", false), y, groups);
  }

  private static String scoreText(CellSummary x, CellSummary y) {
    return "%s\n%s %s (%s)\n%s on %s %s"
        .formatted(
            label(y),
            y.metric().name(),
            Figures.value(y.metric(), y.value()),
            Figures.interval(y.metric(), y.interval()),
            x.metric().name(),
            x.key().task(),
            Figures.value(x.metric(), x.value()));
  }

  private static String effectText(CellSummary cell, SchemeComparison one) {
    return "%s\n%s %s (%s)\n%s bits per weight"
        .formatted(
            label(cell),
            cell.metric().name(),
            Figures.effect(one),
            Figures.effectInterval(one),
            Figures.bits(cell.example().modelBits()));
  }

  private static String label(CellSummary cell) {
    return cell.key().scheme() + "\n" + group(cell);
  }

  private static String group(CellSummary cell) {
    return cell.key().model() + " · " + cell.key().task();
  }

  private static void add(
      Map<String, JsonArray> groups,
      CellSummary cell,
      double x,
      double y,
      Optional<Interval> interval,
      double scale,
      String text) {
    groups
        .computeIfAbsent(group(cell), _ -> new JsonArray())
        .add(ChartData.point(cell.key().scheme(), x, y, interval, scale, text));
  }

  private void add(Page.Chart chart, JsonObject x, JsonObject y, Map<String, JsonArray> groups) {
    if (!groups.isEmpty()) {
      data.add(chart.id(), x, y, groups);
      charts.add(chart);
    }
  }
}
