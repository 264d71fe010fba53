// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.stats.CellSummary;
import io.lowbit.stats.ColumnCorrelation;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Correlation;
import io.lowbit.stats.GroupedCorrelation;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PairedBinary;
import io.lowbit.stats.ProxyCorrelation;
import io.lowbit.stats.SchemeComparison;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Statistics as aligned text tables. */
final class StatisticsText {
  private StatisticsText() {}

  static void print(Comparison comparison, PrintWriter out) {
    Set<String> notes = new LinkedHashSet<>();
    cells(comparison, out, notes);
    if (!comparison.comparisons().isEmpty()) {
      comparisons(comparison, out, notes);
    }
    correlations(comparison.correlations(), out);
    notes.addAll(comparison.notes());
    printNotes(notes, out);
  }

  private static void cells(Comparison comparison, PrintWriter out, Set<String> notes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("model", "scheme", "task", "metric", "items", "value", "95 %", "protocol"));
    for (CellSummary cell : comparison.cells()) {
      rows.add(
          List.of(
              cell.key().model(),
              cell.key().scheme(),
              cell.key().task(),
              cell.key().metric(),
              cell.clusters() == cell.items()
                  ? "" + cell.items()
                  : cell.items() + " in " + cell.clusters(),
              number(cell.value()),
              interval(cell.interval()),
              cell.example().protocol()));
      cell.notes().forEach(note -> notes.add(cell.key() + ": " + note));
    }
    table(rows, out);
  }

  private static void comparisons(Comparison comparison, PrintWriter out, Set<String> notes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "model",
            "scheme",
            "against",
            "task",
            "metric",
            "items",
            "effect",
            "95 %",
            "p",
            "Holm",
            "right→wrong",
            "wrong→right",
            "verdict",
            "answer"));
    for (int i = 0; i < comparison.comparisons().size(); i++) {
      SchemeComparison one = comparison.comparisons().get(i);
      rows.add(
          List.of(
              one.key().model(),
              one.key().scheme(),
              one.baseline(),
              one.key().task(),
              one.key().metric(),
              "" + one.items(),
              one.isRatio() ? "×" + number(one.effect()) : signed(one.effect()),
              interval(one.interval()),
              p(one.p()),
              p(comparison.adjustedP().get(i).orElse(Double.NaN)),
              one.flips().map(PairedBinary::baseOnly).map(String::valueOf).orElse("–"),
              one.flips().map(PairedBinary::quantOnly).map(String::valueOf).orElse("–"),
              one.verdict().words(),
              one.answer().word()));
      one.notes().forEach(note -> notes.add(one.key() + ": " + note));
    }
    out.println();
    table(rows, out);
    out.println();
    comparison.comparisons().forEach(one -> out.println(one.sentence()));
  }

  private static void correlations(List<ProxyCorrelation> correlations, PrintWriter out) {
    for (ProxyCorrelation one : correlations) {
      out.println();
      out.printf(
          Locale.ROOT,
          "ln %s against %s, %d schemes%n",
          one.proxy(),
          one.score(),
          one.points().size());
      coefficients(one.pooled(), "", out);
      one.within().ifPresent(within -> grouped(within, out));
    }
  }

  static void print(List<ColumnCorrelation> correlations, PrintWriter out) {
    for (ColumnCorrelation one : correlations) {
      out.printf(
          Locale.ROOT, "%s against %s, %d rows%n", one.x(), one.y(), one.pooled().getFirst().n());
      coefficients(
          one.pooled(),
          one.bootstrap().map(i -> ", bootstrap BCa " + interval(Optional.of(i))).orElse(""),
          out);
      if (one.adjustedP().isPresent() && correlations.size() > 1) {
        out.printf(
            Locale.ROOT,
            "  Holm over %d columns: Pearson's p %s%n",
            correlations.size(),
            p(one.adjustedP().getAsDouble()));
      }
      one.grouped()
          .ifPresent(groups -> {
            grouped(groups.correlation(), out);
            out.printf(
                Locale.ROOT,
                "  permuted inside groups: p %s (%,d arrangements%s)%n",
                p(groups.permutation().p()),
                groups.permutation().arrangements(),
                groups.permutation().exact() ? ", all" : " drawn");
            groups
                .perGroup()
                .forEach((label, r) ->
                    out.printf(
                        Locale.ROOT,
                        "  only %s: r %s; without it: r %s%n",
                        label,
                        signed(r.pearson()),
                        signed(groups.withoutGroup().get(label))));
          });
      details(one, out);
      out.println();
    }
  }

  private static void details(ColumnCorrelation one, PrintWriter out) {
    one.partial()
        .ifPresent(partial ->
            out.printf(
                Locale.ROOT,
                "  partial: r %s  %s %s, p %s (%d df)%n",
                signed(partial.value()),
                percent(partial.interval()),
                interval(partial.interval()),
                p(partial.p()),
                partial.degreesOfFreedom()));
    one.details()
        .flatMap(ColumnCorrelation.Details::line)
        .ifPresent(line ->
            out.printf(
                Locale.ROOT,
                "  line: slope %s %s%s; a new point at the mean of x: %s%n",
                signed(line.slope()),
                interval(Optional.of(line.slopeInterval())),
                line.clusters().map(count -> ", errors by " + count + " groups").orElse(""),
                interval(Optional.of(line.atMean().ofPoint()))));
    one.prediction()
        .ifPresent(prediction -> {
          prediction
              .perGroup()
              .forEach((label, group) ->
                  out.printf(
                      Locale.ROOT,
                      "  %s predicted by the others: mean error %s (no change: %s)%n",
                      label,
                      number(group.meanAbsoluteError()),
                      number(group.nullMeanAbsoluteError())));
          prediction
              .enough()
              .ifPresent(threshold ->
                  out.printf(
                      Locale.ROOT,
                      "  beyond %s at least 90 %% of the scores fell%n",
                      signed(threshold)));
        });
  }

  private static String percent(Optional<Interval> interval) {
    return interval.map(i -> String.format(Locale.ROOT, "%.0f %%", 100 * i.level())).orElse("95 %");
  }

  private static void coefficients(List<Correlation> all, String pearsonExtra, PrintWriter out) {
    Set<String> notes = new LinkedHashSet<>();
    for (Correlation one : all) {
      boolean pearson = one.coefficient() == Correlation.Coefficient.PEARSON;
      out.printf(
          Locale.ROOT,
          "  %-8s %s  %s %s%s, p %s (%s)%n",
          one.coefficient().name().toLowerCase(Locale.ROOT),
          signed(one.value()),
          percent(one.interval()),
          interval(one.interval()),
          pearson ? pearsonExtra : "",
          p(one.p()),
          one.method());
      notes.addAll(one.notes());
    }
    notes.forEach(note -> out.println("  " + note));
  }

  private static void grouped(GroupedCorrelation within, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "  within %d groups: r %s  %s %s, p %s; between groups: r %s%n",
        within.groups(),
        signed(within.within()),
        percent(within.interval()),
        interval(within.interval()),
        p(within.p()),
        signed(within.between()));
    within.notes().forEach(note -> out.println("  " + note));
  }

  static void printNotes(Collection<String> notes, PrintWriter out) {
    if (!notes.isEmpty()) {
      out.println();
      notes.forEach(note -> out.println("Note: " + note));
    }
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    return Math.abs(value) >= 1e6 || (value != 0 && Math.abs(value) < 1e-4)
        ? String.format(Locale.ROOT, "%.3e", value)
        : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String signed(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%+.4f", value);
  }

  private static String p(double p) {
    if (Double.isNaN(p)) {
      return "–";
    }
    return p < 1e-4 ? String.format(Locale.ROOT, "%.1e", p) : String.format(Locale.ROOT, "%.4f", p);
  }

  private static String interval(Optional<Interval> interval) {
    return interval.map(i -> "[" + number(i.low()) + ", " + number(i.high()) + "]").orElse("–");
  }

  static void table(List<List<String>> rows, PrintWriter out) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
