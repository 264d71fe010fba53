// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.RunLog;
import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Correlation;
import io.lowbit.stats.Correlation.Coefficient;
import io.lowbit.stats.Findings;
import io.lowbit.stats.Guidance;
import io.lowbit.stats.ProxyCorrelation;
import io.lowbit.stats.ProxyCorrelation.Point;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Puts statistics into the words of the page. */
final class ReportPage {
  private ReportPage() {}

  static Page of(
      Findings findings,
      Guidance guidance,
      Comparison comparison,
      List<RunLog.Run> runs,
      SamplesView samples) {
    ChartData data = new ChartData();
    FindingsView first = FindingsPage.of(findings, guidance.fits(), data);
    GuideView guide =
        new GuideView(
            new AdviceWords(guidance).advice(),
            new GuideCharts(findings, guidance, data).figures(),
            MethodsText.of(comparison, guidance, runs));
    List<Page.Chart> charts = Charts.of(comparison, data);
    return new Page(
        runs.isEmpty() ? "Lowbit report" : runs.getLast().title(),
        subtitle(comparison),
        guide,
        first,
        Summary.of(comparison),
        Summary.warnings(comparison, runs),
        VerdictTables.of(comparison),
        VerdictTables.details(comparison),
        charts,
        correlations(comparison),
        PublishedRows.of(comparison),
        samples,
        provenance(comparison, runs),
        schemes(comparison),
        runs.stream().map(RunLog.Run::command).distinct().toList(),
        PageAssets.read(),
        data.json());
  }

  private static String subtitle(Comparison comparison) {
    long items =
        comparison.cells().stream()
            .filter(CellSummary::primary)
            .mapToLong(CellSummary::items)
            .sum();
    return String.join(
        ", ",
        counted(comparison, Cell.Key::model, "model"),
        counted(comparison, Cell.Key::scheme, "scheme"),
        counted(comparison, Cell.Key::task, "task"),
        String.format(Locale.ROOT, "%,d scored items", items));
  }

  private static String counted(
      Comparison comparison, Function<Cell.Key, String> part, String noun) {
    long count = comparison.cells().stream().map(cell -> part.apply(cell.key())).distinct().count();
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private static List<Page.CorrelationRow> correlations(Comparison comparison) {
    List<Page.CorrelationRow> rows = new ArrayList<>();
    for (ProxyCorrelation one : comparison.correlations()) {
      rows.add(row(models(one), one, one.pooled()));
      one.perModel().forEach((model, coefficients) -> rows.add(row(model, one, coefficients)));
      one.within()
          .ifPresent(within ->
              rows.add(
                  new Page.CorrelationRow(
                      "within models",
                      one.proxy(),
                      one.score(),
                      Integer.toString(within.n()),
                      Figures.coefficient(within.within(), within.interval()),
                      "",
                      "",
                      String.join(" ", within.notes()))));
    }
    return rows;
  }

  private static String models(ProxyCorrelation one) {
    List<String> models = one.points().stream().map(Point::model).distinct().toList();
    return models.size() == 1 ? models.getFirst() : "all models";
  }

  /** Below the fewest pairs for an interval a coefficient says nothing and is not shown. */
  static Page.CorrelationRow row(
      String model, ProxyCorrelation one, List<Correlation> coefficients) {
    int n = coefficients.getFirst().n();
    boolean refused = n < Correlation.FEWEST_FOR_INTERVAL;
    Map<Coefficient, String> text = new EnumMap<>(Coefficient.class);
    Set<String> notes = new LinkedHashSet<>();
    for (Correlation coefficient : coefficients) {
      text.put(
          coefficient.coefficient(),
          refused
              ? Figures.NONE
              : Figures.coefficient(coefficient.value(), coefficient.interval()));
      notes.addAll(coefficient.notes());
    }
    return new Page.CorrelationRow(
        model,
        one.proxy(),
        one.score(),
        Integer.toString(n),
        text.get(Coefficient.PEARSON),
        text.get(Coefficient.SPEARMAN),
        text.get(Coefficient.KENDALL),
        refused
            ? "No correlation: it needs at least %d schemes, there are %d."
                .formatted(Correlation.FEWEST_FOR_INTERVAL, n)
            : String.join(" ", notes));
  }

  private static List<Page.Fact> provenance(Comparison comparison, List<RunLog.Run> runs) {
    Set<Page.Fact> facts = new LinkedHashSet<>();
    for (CellSummary cell : comparison.cells()) {
      ItemRecord example = cell.example();
      facts.add(
          new Page.Fact(
              "model " + example.model(),
              String.format(
                  Locale.ROOT,
                  "%,d weights, sha256 %s",
                  example.modelParameters(),
                  example.modelSha256())));
    }
    for (CellSummary cell : comparison.cells()) {
      ItemRecord example = cell.example();
      facts.add(
          new Page.Fact(
              "task " + example.task(),
              "version %d, %s, data sha256 %s"
                  .formatted(example.taskVersion(), example.protocol(), example.dataSha256())));
    }
    for (RunLog.Run run : runs) {
      facts.add(
          new Page.Fact(
              "run of " + run.started(),
              String.format(
                  Locale.ROOT,
                  "%,d items in %,.0f s; %s; %s; %s",
                  run.items(),
                  run.seconds(),
                  run.version(),
                  run.machine(),
                  run.backend())));
    }
    facts.add(
        new Page.Fact(
            "intervals",
            String.format(
                Locale.ROOT,
                "%.0f %%; equivalence margin %.1f points of score, %.1f %% of perplexity",
                100 * comparison.settings().level(),
                100 * comparison.settings().scoreMargin(),
                100 * comparison.settings().lnPerplexityMargin())));
    return List.copyOf(facts);
  }

  private static List<Page.Fact> schemes(Comparison comparison) {
    return comparison.cells().stream()
        .map(CellSummary::example)
        .map(example -> new Page.Fact(example.scheme(), example.schemeJson()))
        .distinct()
        .toList();
  }
}
