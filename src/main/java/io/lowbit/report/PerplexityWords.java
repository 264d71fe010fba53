// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.FindingsView.Card;
import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Detail;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.stats.Claim;
import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.Configuration;
import io.lowbit.stats.Configurations;
import io.lowbit.stats.Correlation;
import io.lowbit.stats.Findings;
import io.lowbit.stats.GroupedCorrelation;
import io.lowbit.stats.PerplexityAnswer;
import io.lowbit.stats.ProxyFit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether perplexity predicts accuracy, in words. */
final class PerplexityWords {
  static final String ID = "proxy";

  /** Nats in a factor of two. */
  private static final double DOUBLING = Math.log(2);

  private final Findings findings;
  private final PerplexityAnswer answer;
  private final Configurations configurations;
  private final List<ProxyFit> fits;

  PerplexityWords(Findings findings, List<ProxyFit> fits) {
    this.findings = findings;
    this.fits = fits;
    this.answer = findings.perplexity();
    this.configurations = findings.size().configurations();
  }

  Card card(List<Page.Chart> charts) {
    return new Card(
        ID,
        "Does perplexity predict accuracy?",
        answer(),
        List.of(),
        List.of(),
        charts,
        isRefused() ? List.of() : Stream.concat(warnings(), support().limit(1)).toList(),
        List.of(new ClaimWords(findings).paper(Kind.PERPLEXITY_TRACKS)));
  }

  private boolean isRefused() {
    return answer.n() < Correlation.FEWEST_FOR_INTERVAL;
  }

  private String answer() {
    if (configurations.texts().isEmpty()) {
      return "Cannot be told: no text's perplexity was measured under every model.";
    }
    if (configurations.scoreTasks().isEmpty()) {
      return "Cannot be told: no benchmark was scored under every model.";
    }
    if (isRefused()) {
      return "Cannot be told: it needs at least %d configurations, there %s."
          .formatted(
              Correlation.FEWEST_FOR_INTERVAL, answer.n() == 1 ? "is 1" : "are " + answer.n());
    }
    if (Double.isNaN(answer.pooled().value())) {
      return "Cannot be told: perplexity or accuracy is the same everywhere.";
    }
    Claim claim = findings.claim(Kind.PERPLEXITY_TRACKS);
    return "%s: r = %s %s %s."
        .formatted(
            verdict(claim.status()),
            Figures.coefficient(claim.value(), claim.interval()),
            answer.isPooledMeaningful() ? "over" : "within models over",
            Words.counted(answer.n(), "configuration"));
  }

  private static String verdict(Status status) {
    return switch (status) {
      case HOLDS -> "Yes";
      case FAILS -> "No";
      case UNDECIDED, NOT_TESTED -> "Undecided";
    };
  }

  private Stream<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (answer.n() < Correlation.FEW) {
      warnings.add("Only %d configurations: read this as a hint.".formatted(answer.n()));
    }
    if (!answer.isSameText()) {
      warnings.add(
          "The models count different tokens, so that their perplexities have different units: only"
              + " the correlation within models means something.");
    }
    if (!configurations.incomplete().isEmpty()) {
      warnings.add(
          "Left out, as a score or a perplexity is missing or not finite: "
              + Words.listed(configurations.incomplete())
              + ".");
    }
    return warnings.stream();
  }

  private Stream<String> support() {
    List<String> support = new ArrayList<>();
    answer
        .correlation()
        .within()
        .filter(_ -> answer.isPooledMeaningful())
        .ifPresent(within -> {
          support.add(
              "Within models, where only the scheme differs: r = %s."
                  .formatted(Figures.coefficient(within.within(), within.interval())));
          if (within.signReversal()) {
            support.add("The sign turns inside the models: the rest is about their sizes.");
          }
        });
    if (!answer.isPooledMeaningful()) {
      return Stream.of();
    }
    Correlation ranks = answer.correlation().pooled().get(1);
    support.add(
        "By ranks: Spearman ρ = %s."
            .formatted(Figures.coefficient(ranks.value(), ranks.interval())));
    if (!Double.isNaN(answer.lowest())) {
      support.add(
          "Without any one configuration r stays between %s and %s."
              .formatted(
                  Figures.coefficient(answer.lowest(), Optional.empty()),
                  Figures.coefficient(answer.highest(), Optional.empty())));
    }
    return support.stream();
  }

  Detail detail(List<Page.Chart> charts) {
    List<Table> tables = new ArrayList<>();
    if (!isRefused()) {
      tables.add(coefficients());
    }
    if (!fits.isEmpty()) {
      tables.add(lines());
    }
    if (answer.n() > 0) {
      tables.add(points());
    }
    tables.add(new ClaimWords(findings).table(List.of(Kind.PERPLEXITY_TRACKS)));
    return new Detail(
        ID,
        "Perplexity and accuracy",
        introduction(),
        List.of(
            new Page.Group(
                "", Stream.concat(warnings(), isRefused() ? Stream.empty() : support()).toList())),
        charts,
        tables);
  }

  private String introduction() {
    if (configurations.texts().isEmpty() || configurations.scoreTasks().isEmpty()) {
      return answer();
    }
    return "A configuration is a model under a scheme. Its accuracy is the mean score of %s, each with"
            .formatted(Words.listed(configurations.scoreTasks()))
        + " the same weight; its perplexity is that of %s."
            .formatted(Words.listed(configurations.texts()))
        + " The correlation is that of ln perplexity with accuracy.";
  }

  private Table coefficients() {
    List<Row> rows = new ArrayList<>();
    String all = answer.correlation().within().isPresent() ? "all configurations" : "one model";
    rows.add(row(ReportPage.row(all, answer.correlation(), answer.correlation().pooled())));
    answer.correlation().within().ifPresent(within -> rows.add(within(within)));
    answer
        .correlation()
        .perModel()
        .forEach((model, all3) -> rows.add(row(ReportPage.row(model, answer.correlation(), all3))));
    return new Table(
        "Coefficients with their intervals",
        false,
        List.of("Over", "Configurations", "Pearson r", "Spearman ρ", "Kendall τ-b", "Note"),
        rows);
  }

  private static Row row(Page.CorrelationRow row) {
    return new Row(
        List.of(
            Cell.of(row.model()),
            Cell.number(row.n()),
            Cell.number(row.pearson()),
            Cell.number(row.spearman()),
            Cell.number(row.kendall()),
            Cell.of(row.note())));
  }

  private static Row within(GroupedCorrelation within) {
    return new Row(
        List.of(
            Cell.of("within models"),
            Cell.number(Integer.toString(within.n())),
            Cell.number(Figures.coefficient(within.within(), within.interval())),
            Cell.number(""),
            Cell.number(""),
            Cell.of(String.join(" ", within.notes()))));
  }

  /** The lines of the chart; those within models share one slope. */
  private Table lines() {
    return new Table(
        "Fitted lines: change of accuracy when perplexity doubles",
        false,
        List.of("Line", "Configurations", "Points per doubling", "Interval from"),
        fits.stream()
            .filter(fit -> fit.isPooled() || fit.equals(firstWithin()))
            .map(fit ->
                new Row(
                    List.of(
                        Cell.of(fit.isPooled() ? "pooled" : "within models"),
                        Cell.number(Integer.toString(fit.n())),
                        Cell.number(
                            Figures.points(fit.slope() * DOUBLING),
                            Figures.pointRange(fit.slopeInterval().map(s -> s * DOUBLING))),
                        Cell.of(fit.method()))))
            .toList());
  }

  private ProxyFit firstWithin() {
    return fits.stream().filter(fit -> !fit.isPooled()).findFirst().orElse(fits.getFirst());
  }

  private Table points() {
    return new Table(
        "The points of the chart",
        true,
        List.of("Model", "Scheme", "Perplexity", "Accuracy"),
        configurations.all().stream()
            .filter(one -> Double.isFinite(one.accuracy()) && Double.isFinite(one.lnPerplexity()))
            .map(PerplexityWords::row)
            .toList());
  }

  private static Row row(Configuration one) {
    return new Row(
        List.of(Cell.of(one.model()), Cell.of(one.scheme()), perplexity(one), accuracy(one)));
  }

  static Cell perplexity(Configuration one) {
    return Cell.number(
        Figures.plain(one.perplexity()),
        one.perplexityInterval().map(Figures::range).orElse("no interval"));
  }

  static Cell accuracy(Configuration one) {
    return Cell.number(
        Figures.percent(one.accuracy()), Figures.percentRange(one.accuracyInterval()));
  }
}
