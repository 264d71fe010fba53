// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.RunLog;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Guidance;
import io.lowbit.stats.NullFloor;
import io.lowbit.stats.SchemeComparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What was done, as the methods section of a paper would tell it; each clause is from records. */
final class MethodsText {
  private static final int SHOWN_OF_HASH = 12;

  private final Comparison comparison;
  private final Guidance guidance;
  private final List<RunLog.Run> runs;

  private MethodsText(Comparison comparison, Guidance guidance, List<RunLog.Run> runs) {
    this.comparison = comparison;
    this.guidance = guidance;
    this.runs = runs;
  }

  /** Paragraphs under headings. */
  static List<Page.Group> of(Comparison comparison, Guidance guidance, List<RunLog.Run> runs) {
    MethodsText text = new MethodsText(comparison, guidance, runs);
    List<Page.Group> groups = new ArrayList<>();
    groups.add(new Page.Group("Models", List.of(text.models())));
    groups.add(new Page.Group("Quantization", List.of(text.schemes())));
    groups.add(new Page.Group("Tasks", List.of(text.tasks())));
    groups.add(new Page.Group("Statistics", text.statistics()));
    if (!runs.isEmpty()) {
      groups.add(new Page.Group("Software and hardware", List.of(text.software())));
    }
    return List.copyOf(groups);
  }

  private static String hash(String sha256) {
    return sha256.isEmpty()
        ? "no hash known"
        : "sha256 " + sha256.substring(0, Math.min(SHOWN_OF_HASH, sha256.length())) + "…";
  }

  private <T> List<T> distinct(Function<CellSummary, T> part) {
    return comparison.cells().stream().map(part).distinct().toList();
  }

  private String models() {
    List<String> models =
        distinct(cell ->
            String.format(
                Locale.ROOT,
                "%s (%,d weights, %s)",
                cell.key().model(),
                cell.example().modelParameters(),
                hash(cell.example().modelSha256())));
    return "We evaluated %s.".formatted(Words.listed(models));
  }

  private String schemes() {
    Map<String, List<ItemRecord>> byScheme = new LinkedHashMap<>();
    distinct(CellSummary::example)
        .forEach(example ->
            byScheme.computeIfAbsent(example.scheme(), _ -> new ArrayList<>()).add(example));
    List<String> sentences = new ArrayList<>();
    byScheme.forEach((name, examples) -> {
      ItemRecord first = examples.getFirst();
      Set<String> executions = set(examples, one -> one.execution() + " on " + one.backend());
      Set<String> bits = set(examples, one -> Figures.bits(one.weightBits()));
      sentences.add(
          "%s: %s; the rest in %s; %s bits per weight of the linear layers; %s"
              .formatted(
                  name,
                  SchemeWords.of(first.schemeJson()),
                  String.join(" or ", set(examples, ItemRecord::base)),
                  String.join(" or ", bits),
                  String.join(" or ", executions)));
    });
    return "The schemes were, with “real” for packed weights or integer codes and “fake” for"
        + " simulated ones: "
        + String.join(". ", sentences)
        + ". Embeddings, output head and norms stayed in the base type unless a scheme names them.";
  }

  private static Set<String> set(List<ItemRecord> records, Function<ItemRecord, String> part) {
    return records.stream().map(part).collect(Collectors.toCollection(TreeSet::new));
  }

  private String tasks() {
    Map<String, List<CellSummary>> byTask = new LinkedHashMap<>();
    comparison
        .cells()
        .forEach(
            cell -> byTask.computeIfAbsent(cell.key().task(), _ -> new ArrayList<>()).add(cell));
    List<String> tasks = new ArrayList<>();
    byTask.forEach((name, cells) -> {
      CellSummary first = cells.getFirst();
      Set<String> counts =
          cells.stream()
              .map(cell ->
                  cell.items() == cell.clusters()
                      ? Words.counted(cell.items(), "item")
                      : "%s in %s"
                          .formatted(
                              Words.counted(cell.items(), "item"),
                              Words.counted(cell.clusters(), "cluster")))
              .collect(Collectors.toCollection(LinkedHashSet::new));
      tasks.add(
          "%s (%s, version %d; %s; %s; %s; data %s)"
              .formatted(
                  name,
                  first.example().taskType(),
                  first.example().taskVersion(),
                  first.example().protocol(),
                  String.join(" or ", counts),
                  Words.listed(cells.stream().map(cell -> cell.key().metric()).distinct().toList()),
                  hash(first.example().dataSha256())));
    });
    return "The tasks were " + Words.listed(tasks) + ".";
  }

  private List<String> statistics() {
    List<String> sentences = new ArrayList<>();
    sentences.add(
        "Every scheme was compared with the baseline of its model (%s) on the same items; items of one cluster count together."
            .formatted(
                Words.listed(
                    comparison.baselines().entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + entry.getValue())
                        .toList())));
    sentences.add(
        "Intervals have a level of %.0f %%: %s."
            .formatted(
                100 * comparison.settings().level(), Words.listed(distinct(CellSummary::method))));
    List<String> tests =
        comparison.comparisons().stream().map(SchemeComparison::test).distinct().toList();
    long family = comparison.adjustedP().stream().filter(p -> p.isPresent()).count();
    if (!tests.isEmpty()) {
      sentences.add(
          "Differences were tested by %s; Holm's adjustment is over the %s of primary metrics."
              .formatted(Words.listed(tests), Words.counted(family, "comparison")));
    }
    sentences.add(
        ("Equivalence was tested by two one-sided tests (TOST) at 5 %% within %s of score and %s of"
                + " perplexity, on its logarithm%s.")
            .formatted(
                Figures.size(comparison.settings().scoreMargin()),
                Figures.percent(comparison.settings().lnPerplexityMargin()),
                guidance.recommendation().candidates().isEmpty()
                    ? ""
                    : "; for the recommendation they were pooled over the tasks of a type, each with"
                        + " the same weight, with Student's t of clustered errors (CR1) that are never"
                        + " smaller than those of the score interval without a flip, and Holm-adjusted"
                        + " over the configurations smaller than their baseline. Numbers of items that"
                        + " would decide are for a power of 80 % if there is no difference"));
    for (NullFloor floor : guidance.floors()) {
      sentences.add(
          "As a null floor, %s was compared with %s, the same scheme with %s."
              .formatted(floor.second(), floor.first(), floor.difference()));
    }
    return sentences;
  }

  private String software() {
    List<String> parts =
        runs.stream()
            .map(run -> "%s on %s (%s)".formatted(run.version(), run.machine(), run.backend()))
            .distinct()
            .toList();
    return "The runs were made with " + Words.listed(parts) + ".";
  }
}
