// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.SchemeComparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** A comparison as printed tables, one per model, before any markup. */
final class ResultSections {
  /** Headings of the columns. */
  static final List<String> HEADER =
      List.of(
          "Task",
          "Metric",
          "Scheme",
          "Bits",
          "Items",
          "Value",
          "95 % interval",
          "Against baseline",
          "95 % interval",
          "p (Holm)",
          "Verdict");

  private static final String BASELINE = "baseline";

  /**
   * A model's table.
   *
   * @param groups rows of one task and metric each, a cell per heading
   * @param notes protocols, methods and what else a reader must know, as sentences
   */
  record Section(String model, List<List<List<String>>> groups, List<String> notes) {}

  private ResultSections() {}

  static List<Section> of(Comparison comparison) {
    Map<Cell.Key, Integer> places = new HashMap<>();
    for (int i = 0; i < comparison.comparisons().size(); i++) {
      places.put(comparison.comparisons().get(i).key(), i);
    }
    Map<String, Map<List<String>, List<List<String>>>> groups = new LinkedHashMap<>();
    Map<String, Set<String>> notes = new LinkedHashMap<>();
    for (CellSummary cell : comparison.cells()) {
      Cell.Key key = cell.key();
      Integer place = places.get(key);
      groups
          .computeIfAbsent(key.model(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(List.of(key.task(), key.metric()), _ -> new ArrayList<>())
          .add(
              place == null
                  ? row(cell, key.scheme().equals(comparison.baselines().get(key.model())))
                  : row(
                      cell,
                      comparison.comparisons().get(place),
                      comparison.adjustedP().get(place)));
      Set<String> ofModel = notes.computeIfAbsent(key.model(), _ -> new LinkedHashSet<>());
      ofModel.add(protocol(cell));
      cell.notes().forEach(note -> ofModel.add(label(key) + ": " + note));
    }
    comparison
        .comparisons()
        .forEach(one ->
            one.notes()
                .forEach(note -> notes.get(one.key().model()).add(label(one.key()) + ": " + note)));
    return groups.keySet().stream()
        .map(model -> {
          List<String> all = new ArrayList<>(notes.get(model));
          all.add(legend(comparison, model));
          all.addAll(comparison.notes());
          return new Section(model, List.copyOf(groups.get(model).values()), all);
        })
        .toList();
  }

  private static String label(Cell.Key key) {
    return key.task() + ", " + key.metric() + ", " + key.scheme();
  }

  private static String protocol(CellSummary cell) {
    return "%s, %s: %s; interval: %s%s."
        .formatted(
            cell.key().task(),
            cell.key().metric(),
            cell.example().protocol(),
            cell.method(),
            cell.clusters() == cell.items()
                ? ""
                : String.format(
                    Locale.ROOT, " (%,d items in %,d clusters)", cell.items(), cell.clusters()));
  }

  private static String legend(Comparison comparison, String model) {
    return ("Baseline: %s. Differences are paired by item: points of a share, otherwise in units of"
            + " the metric; × marks ratios of perplexities. Margin of equivalence: %s, and %s in ln"
            + " perplexity.")
        .formatted(
            comparison.baselines().getOrDefault(model, "none"),
            comparison.settings().scoreMargin(),
            comparison.settings().lnPerplexityMargin());
  }

  private static List<String> row(CellSummary cell, boolean isBaseline) {
    List<String> row = start(cell);
    row.addAll(
        List.of(
            isBaseline ? BASELINE : Figures.NONE,
            Figures.NONE,
            Figures.NONE,
            isBaseline ? Figures.NONE : "not compared"));
    return row;
  }

  private static List<String> row(
      CellSummary cell, SchemeComparison one, OptionalDouble adjustedP) {
    String interval = Figures.effectInterval(one);
    List<String> row = start(cell);
    row.addAll(
        List.of(
            Figures.effect(one),
            interval.isEmpty() ? "no interval" : interval,
            Figures.p(adjustedP.orElse(Double.NaN)),
            VerdictTables.words(one)));
    return row;
  }

  private static List<String> start(CellSummary cell) {
    double bits = cell.example().weightBits();
    return new ArrayList<>(
        List.of(
            cell.key().task(),
            cell.key().metric() + (cell.metric().higherIsBetter() ? " ↑" : " ↓"),
            cell.key().scheme(),
            Double.isNaN(bits) ? Figures.NONE : Figures.bits(bits),
            Figures.count(cell.items()),
            Figures.value(cell.metric(), cell.value()),
            Figures.interval(cell.metric(), cell.interval())));
  }
}
