// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.RunLog;
import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.SchemeComparison;
import io.lowbit.stats.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What a reader should take away, and what limits it, in sentences. */
final class Summary {
  /** What a sentence says of a task, in the order in which it says it. */
  private enum Finding {
    WORSE("worse on "),
    SLIGHTLY_WORSE("worse, but by less than the margin, on "),
    BETTER("better on "),
    SAME("no loss beyond the margin on "),
    UNDECIDED("undecided on ");

    private final String words;

    Finding(String words) {
      this.words = words;
    }

    static Finding of(SchemeComparison one) {
      String tone = VerdictTables.tone(one);
      if (one.verdict() == Verdict.WORSE_WITHIN_MARGIN) {
        return SLIGHTLY_WORSE;
      }
      if (tone.equals("worse")) {
        return WORSE;
      }
      if (tone.equals("better")) {
        return BETTER;
      }
      return one.verdict() == Verdict.EQUIVALENT || one.verdict() == Verdict.NON_INFERIOR
          ? SAME
          : UNDECIDED;
    }
  }

  private final Map<Cell.Key, CellSummary> cells = new HashMap<>();

  private Summary(Comparison comparison) {
    comparison.cells().forEach(cell -> cells.put(cell.key(), cell));
  }

  /** Per model, one sentence per scheme on the score and the perplexity of each task. */
  static List<Page.Group> of(Comparison comparison) {
    Summary summary = new Summary(comparison);
    Map<String, Map<String, List<SchemeComparison>>> byModel = new LinkedHashMap<>();
    for (SchemeComparison one : comparison.comparisons()) {
      CellSummary cell = summary.cells.get(one.key());
      if (cell.isScore() || cell.isTextPerplexity()) {
        byModel
            .computeIfAbsent(one.key().model(), _ -> new LinkedHashMap<>())
            .computeIfAbsent(one.key().scheme(), _ -> new ArrayList<>())
            .add(one);
      }
    }
    List<Page.Group> groups = new ArrayList<>();
    byModel.forEach((model, schemes) ->
        groups.add(
            new Page.Group(
                model + " against " + comparison.baselines().get(model),
                summary.mostBitsFirst(schemes.values()).map(summary::sentence).toList())));
    return groups;
  }

  private Stream<List<SchemeComparison>> mostBitsFirst(Collection<List<SchemeComparison>> schemes) {
    return schemes.stream()
        .sorted(Comparator.comparingDouble(ones -> -cell(ones).example().modelBits()));
  }

  private CellSummary cell(List<SchemeComparison> ones) {
    return cells.get(ones.getFirst().key());
  }

  private String sentence(List<SchemeComparison> ones) {
    Map<Finding, List<String>> findings = new EnumMap<>(Finding.class);
    for (SchemeComparison one : ones) {
      String range = Figures.effectInterval(one);
      findings
          .computeIfAbsent(Finding.of(one), _ -> new ArrayList<>())
          .add(
              "%s (%s %s%s)"
                  .formatted(
                      one.key().task(),
                      one.key().metric(),
                      Figures.effect(one),
                      range.isEmpty() ? "" : ", " + range));
    }
    List<String> parts = new ArrayList<>();
    findings.forEach((finding, tasks) -> parts.add(finding.words + Words.listed(tasks)));
    return "%s (%s bits per weight): %s."
        .formatted(
            ones.getFirst().key().scheme(),
            Figures.bits(cell(ones).example().modelBits()),
            String.join("; ", parts));
  }

  /** What limits the conclusions, by where it comes from; each sentence says what it is about. */
  static List<Page.Group> warnings(Comparison comparison, List<RunLog.Run> runs) {
    Set<String> values = new LinkedHashSet<>();
    for (CellSummary cell : comparison.cells()) {
      cell.notes().forEach(note -> values.add(where(cell.key()) + ": " + note));
    }
    Set<String> pairs = new LinkedHashSet<>();
    for (SchemeComparison one : comparison.comparisons()) {
      if (one.onlyBaseline() + one.onlyScheme() > 0) {
        pairs.add(
            String.format(
                Locale.ROOT,
                "%s: compared on the %,d items that both have; %,d are only in %s and %,d only in"
                    + " %s.",
                where(one.key()),
                one.items(),
                one.onlyBaseline(),
                one.baseline(),
                one.onlyScheme(),
                one.key().scheme()));
      }
    }
    pairs.addAll(comparison.notes());
    List<String> design = DesignWarnings.of(comparison);
    Set<String> ofRuns = new LinkedHashSet<>();
    runs.forEach(run -> ofRuns.addAll(run.notes()));
    return Stream.of(
            new Page.Group("About the design", design),
            new Page.Group("About the values", List.copyOf(values)),
            new Page.Group("About the comparisons", List.copyOf(pairs)),
            new Page.Group("About the run", List.copyOf(ofRuns)))
        .filter(group -> !group.sentences().isEmpty())
        .toList();
  }

  private static String where(Cell.Key key) {
    return "%s under %s, %s %s".formatted(key.model(), key.scheme(), key.task(), key.metric());
  }
}
