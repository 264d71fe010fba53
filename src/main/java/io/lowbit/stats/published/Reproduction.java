// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Cell;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Claim;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.Findings;
import io.lowbit.stats.SchemeComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A paper's findings and whether they hold.
 *
 * @param paper whose
 * @param data what they were tested on, as a phrase
 * @param results in the order of the findings
 */
public record Reproduction(PublishedPaper.Id paper, String data, List<Result> results) {

  /** A finding and what a test says of it. */
  public record Result(Finding finding, Outcome outcome) {}

  /** Tests a paper's findings on its own figures. */
  public static Reproduction onFigures(PublishedPaper.Id paper) {
    Observations observations = Observations.of(PublishedPaper.of(paper));
    return new Reproduction(
        paper,
        "the paper's own figures",
        FindingsFile.read(paper).stream()
            .map(one -> new Result(one, one.test().test(observations)))
            .toList());
  }

  /**
   * Tests a paper's findings on records.
   *
   * @throws IllegalArgumentException if there are none, or they contradict each other
   */
  public static Reproduction onRecords(PublishedPaper.Id paper, List<ItemRecord> records) {
    Comparison comparison = Comparison.of(records, Comparison.Settings.DEFAULT);
    Findings findings = Findings.of(records, comparison);
    Observations observations = Observations.of(comparison, PublishedPaper.of(paper));
    List<Result> results = new ArrayList<>();
    for (Finding one : FindingsFile.read(paper)) {
      Optional<Claim> claim =
          one.claim().map(findings::claim).filter(held -> held.status() != Claim.Status.NOT_TESTED);
      Outcome outcome =
          claim
              .map(held -> outcome(held, findings, comparison))
              .orElseGet(() -> one.test().test(observations));
      results.add(new Result(one, outcome));
    }
    return new Reproduction(
        paper,
        String.format(Locale.ROOT, "%,d records of the models at hand", records.size()),
        List.copyOf(results));
  }

  private static Outcome outcome(Claim claim, Findings findings, Comparison comparison) {
    return switch (claim.kind()) {
      case PERPLEXITY_TRACKS ->
          outcome(
              claim,
              "Pearson's r of ln perplexity and mean accuracy",
              findings.perplexity().n(),
              "configurations",
              "holds if r is −0.5 or lower, pooled and within models, and the interval below 0");
      case LARGER_WINS ->
          outcome(
              claim,
              "pairs that the larger model wins",
              claim.subjects().size(),
              "pairs",
              "holds if it wins one and loses none");
      case WEIGHTS_2_COLLAPSE, CACHE_2_COLLAPSE ->
          outcome(
              claim,
              "mean score minus half of the baseline's, above chance",
              items(claim, comparison),
              "items",
              Side.BELOW.rule(0));
      case LONG_CONTEXT_CACHE ->
          outcome(
              claim,
              "change under the cache minus change under the weights",
              items(claim, comparison),
              "items",
              Side.BELOW.rule(0));
      case WEIGHTS_8_LOSSLESS, ACTIVATIONS_8_LOSSLESS, CACHE_8_LOSSLESS ->
          change(claim, comparison, comparison.settings().scoreMargin());
      case WEIGHTS_4_NEARLY, CACHE_4_NEARLY -> change(claim, comparison, Claim.NEARLY);
      case EMERGENT_LEAST, LONG_CONTEXT_LEAST ->
          outcome(
              claim,
              "change on these tasks minus change on the others",
              items(claim, comparison),
              "items",
              Side.BELOW.rule(0));
    };
  }

  private static Outcome change(Claim claim, Comparison comparison, double allowed) {
    return outcome(
        claim,
        Quantity.CHANGE.words(),
        items(claim, comparison),
        "items",
        Side.ABOVE.rule(-allowed));
  }

  private static Outcome outcome(Claim claim, String statistic, int n, String unit, String rule) {
    return new Outcome(
        claim.status(),
        statistic,
        claim.value(),
        claim.interval(),
        n,
        unit,
        rule,
        claim.subjects().isEmpty()
            ? List.of()
            : List.of("Over " + String.join(", ", claim.subjects()) + "."));
  }

  /** Scored items that the claim's schemes share with their baselines. */
  private static int items(Claim claim, Comparison comparison) {
    Set<Cell.Key> scores =
        comparison.cells().stream()
            .filter(CellSummary::isScore)
            .filter(cell ->
                claim.kind() != Claim.Kind.LONG_CONTEXT_CACHE
                    || cell.example().taskType().equals("long-context"))
            .map(CellSummary::key)
            .collect(Collectors.toSet());
    return comparison.comparisons().stream()
        .filter(one -> claim.subjects().contains(one.key().scheme()))
        .filter(one -> scores.contains(one.key()))
        .mapToInt(SchemeComparison::items)
        .sum();
  }
}
