// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.SchemeComparison;
import io.lowbit.stats.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** One table per model: what each scheme costs on each task. */
final class VerdictTables {
  private final Comparison comparison;
  private final Map<Cell.Key, CellSummary> cells = new HashMap<>();
  private final Map<Cell.Key, SchemeComparison> comparisons = new HashMap<>();

  private VerdictTables(Comparison comparison) {
    this.comparison = comparison;
    comparison.cells().forEach(cell -> cells.put(cell.key(), cell));
    comparison.comparisons().forEach(one -> comparisons.put(one.key(), one));
  }

  static List<Page.Verdict> of(Comparison comparison) {
    VerdictTables tables = new VerdictTables(comparison);
    Map<String, List<CellSummary>> byModel = new LinkedHashMap<>();
    for (CellSummary cell : comparison.cells()) {
      byModel.computeIfAbsent(cell.key().model(), _ -> new ArrayList<>()).add(cell);
    }
    List<Page.Verdict> verdicts = new ArrayList<>();
    byModel.forEach((model, ofModel) -> verdicts.add(tables.table(model, ofModel)));
    return verdicts;
  }

  /** Every comparison with its test, in the order of the statistics. */
  static List<Page.ComparisonRow> details(Comparison comparison) {
    List<Page.ComparisonRow> rows = new ArrayList<>();
    for (int i = 0; i < comparison.comparisons().size(); i++) {
      SchemeComparison one = comparison.comparisons().get(i);
      OptionalDouble adjusted = comparison.adjustedP().get(i);
      rows.add(
          new Page.ComparisonRow(
              one.key().model(),
              one.key().task() + " " + one.key().metric(),
              one.key().scheme(),
              Figures.effect(one),
              Figures.effectInterval(one),
              Figures.p(one.p()),
              adjusted.isPresent() ? Figures.p(adjusted.getAsDouble()) : Figures.NONE,
              words(one),
              notes(one)));
    }
    return rows;
  }

  private Page.Verdict table(String model, List<CellSummary> ofModel) {
    Map<String, Map<String, CellSummary>> tasks = new LinkedHashMap<>();
    Map<String, ItemRecord> schemes = new LinkedHashMap<>();
    for (CellSummary cell : ofModel) {
      tasks
          .computeIfAbsent(cell.key().task(), _ -> new LinkedHashMap<>())
          .putIfAbsent(cell.key().metric(), cell);
      schemes.putIfAbsent(cell.key().scheme(), cell.example());
    }
    List<CellSummary> columns =
        tasks.values().stream().flatMap(metrics -> metrics.values().stream()).toList();
    String baseline = comparison.baselines().getOrDefault(model, "none");
    Set<String> order = new LinkedHashSet<>();
    if (schemes.containsKey(baseline)) {
      order.add(baseline);
    }
    order.addAll(schemes.keySet());
    List<Page.Row> rows = new ArrayList<>();
    for (String scheme : order) {
      ItemRecord example = schemes.get(scheme);
      List<Page.Cell> row =
          columns.stream()
              .map(column ->
                  cell(
                      new Cell.Key(model, scheme, column.key().task(), column.key().metric()),
                      baseline))
              .toList();
      rows.add(
          new Page.Row(
              scheme,
              Figures.bits(example.weightBits()),
              Figures.bits(example.modelBits()),
              "rest in "
                  + example.base()
                  + (example.execution().equals("fake") ? ", simulated" : ""),
              row));
    }
    return new Page.Verdict(
        model, baseline, tasks.values().stream().map(VerdictTables::task).toList(), rows);
  }

  private static Page.Task task(Map<String, CellSummary> metrics) {
    CellSummary first = metrics.values().iterator().next();
    String clusters =
        first.clusters() == first.items()
            ? ""
            : String.format(Locale.ROOT, " in %,d clusters", first.clusters());
    return new Page.Task(
        first.key().task(),
        first.example().protocol(),
        String.format(Locale.ROOT, "%,d items%s", first.items(), clusters),
        metrics.values().stream()
            .map(CellSummary::metric)
            .map(metric -> metric.name() + (metric.higherIsBetter() ? " ↑" : " ↓"))
            .toList());
  }

  private Page.Cell cell(Cell.Key key, String baseline) {
    CellSummary cell = cells.get(key);
    if (cell == null) {
      return new Page.Cell("not run", "", "", "", "", "missing");
    }
    String value = Figures.value(cell.metric(), cell.value());
    String interval = Figures.interval(cell.metric(), cell.interval());
    SchemeComparison one = comparisons.get(key);
    if (one == null) {
      String tone = key.scheme().equals(baseline) ? "baseline" : "unclear";
      return new Page.Cell(value, interval, "", "", "", tone);
    }
    return new Page.Cell(
        value, interval, Figures.effect(one), Figures.effectInterval(one), words(one), tone(one));
  }

  private static String notes(SchemeComparison one) {
    List<String> parts = new ArrayList<>();
    parts.add(one.test() + String.format(Locale.ROOT, ", %,d items", one.items()));
    one.flips()
        .ifPresent(flips ->
            parts.add(
                String.format(
                    Locale.ROOT,
                    "%d right to wrong, %d wrong to right",
                    flips.baseOnly(),
                    flips.quantOnly())));
    one.itemsToDecide()
        .ifPresent(items ->
            parts.add(
                String.format(Locale.ROOT, "about %,d items would decide equivalence", items)));
    parts.addAll(one.notes());
    return String.join("; ", parts);
  }

  /** The verdict; where only the margin is undecided, the direction that the interval shows. */
  static String words(SchemeComparison one) {
    String tone = tone(one);
    return one.verdict() == Verdict.INCONCLUSIVE && !tone.equals("unclear")
        ? tone + ", margin undecided"
        : one.verdict().words();
  }

  /** Worse or better only where the interval of the paired effect excludes no change. */
  static String tone(SchemeComparison one) {
    return switch (one.answer()) {
      case WORSE, BETTER -> one.answer().word();
      case EQUIVALENT, UNDECIDED -> "unclear";
    };
  }
}
