// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.stats.Candidate;
import io.lowbit.stats.Configuration;
import io.lowbit.stats.Guidance;
import io.lowbit.stats.Interval;
import io.lowbit.stats.NullFloor;
import io.lowbit.stats.Recommendation;
import io.lowbit.stats.Recommendation.Choice;
import io.lowbit.stats.TaskType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The recommendation in words; every word follows from the rule's answer. */
final class AdviceWords {
  private final Guidance guidance;
  private final Recommendation rule;

  AdviceWords(Guidance guidance) {
    this.guidance = guidance;
    this.rule = guidance.recommendation();
  }

  GuideView.Advice advice() {
    if (rule.candidates().isEmpty()) {
      return new GuideView.Advice(nothing(), List.of(), List.of(), List.of(), List.of());
    }
    List<String> heads = new ArrayList<>(List.of("Task type"));
    rule.budgets().forEach(budget -> heads.add("Within " + Figures.megabytes(budget)));
    List<String> sentences = new ArrayList<>(List.of(compared(), certainty()));
    noise().ifPresent(sentences::add);
    return new GuideView.Advice(
        headline(),
        sentences,
        heads,
        rule.types().stream().map(this::row).toList(),
        List.of(steps(), candidates()));
  }

  private String nothing() {
    return rule.baselines().isEmpty()
        ? "Nothing to recommend yet: no model has a baseline with scores."
        : "Nothing to recommend yet: no scheme here makes the weights smaller than those of "
            + Words.listed(rule.baselines().stream().map(AdviceWords::name).toList())
            + ".";
  }

  private static String name(Configuration one) {
    return one.model() + " " + one.scheme();
  }

  /** Over the types within the largest budget. */
  private String headline() {
    double most = rule.budgets().getLast();
    Map<String, List<TaskType>> byChoice = new LinkedHashMap<>();
    List<TaskType> open = new ArrayList<>();
    List<TaskType> none = new ArrayList<>();
    for (TaskType type : rule.types()) {
      Choice choice = rule.choice(type, most);
      switch (choice.kind()) {
        case USE -> {
          Candidate use = choice.candidate().orElseThrow();
          String name =
              "%s (%s)".formatted(name(use.configuration()), Figures.megabytes(use.megabytes()));
          byChoice.computeIfAbsent(name, _ -> new ArrayList<>()).add(type);
        }
        case UNDECIDED -> open.add(type);
        case BASELINE_ONLY, NONE_GOOD, NOTHING_FITS -> none.add(type);
      }
    }
    List<String> parts = new ArrayList<>();
    byChoice.forEach((name, types) -> parts.add("use " + name + " for " + named(types)));
    if (!open.isEmpty()) {
      parts.add("undecided for " + named(open) + needed(open, most));
    }
    if (!none.isEmpty()) {
      parts.add("nothing smaller is as good for " + named(none));
    }
    return Words.sentenceCase(String.join("; ", parts)) + ".";
  }

  /** What would decide what is open. */
  private String needed(List<TaskType> open, double budget) {
    LongSummaryStatistics items =
        open.stream()
            .flatMap(type -> rule.choice(type, budget).candidate().stream())
            .flatMapToLong(one -> one.itemsToDecide().stream())
            .summaryStatistics();
    if (items.getCount() == 0) {
      return "";
    }
    String least = Figures.count(items.getMin());
    return items.getMin() == items.getMax()
        ? ", which takes about %s items".formatted(least)
        : ", which takes about %s to %s items each".formatted(least, Figures.count(items.getMax()));
  }

  private String named(List<TaskType> types) {
    if (types.size() == rule.types().size()) {
      return types.size() == 1 ? BitsWords.label(types.getFirst()) : "every task type";
    }
    return types.size() > 3
        ? "%d of %d task types".formatted(types.size(), rule.types().size())
        : Words.listed(types.stream().map(BitsWords::label).toList());
  }

  private String compared() {
    long smaller = rule.candidates().stream().map(Candidate::configuration).distinct().count();
    return "Compared: %s with the own model's baseline (%s), item by item."
        .formatted(
            Words.counted(smaller, "smaller configuration"),
            Words.listed(rule.baselines().stream().map(AdviceWords::name).toList()));
  }

  private String certainty() {
    long family = rule.types().stream().mapToLong(type -> of(type).count()).max().orElse(0);
    return ("How sure: “as good” means surely within %s of score (%s of perplexity) of the baseline,"
            + " by two one-sided tests at 5 %%%s. Memory is that of all weights.")
        .formatted(
            Figures.size(rule.settings().scoreMargin()),
            Figures.percent(rule.settings().lnPerplexityMargin()),
            family > 1
                ? ", Holm-adjusted over the %s of a task type"
                    .formatted(Words.counted(family, "configuration"))
                : "");
  }

  private Stream<Candidate> of(TaskType type) {
    return rule.candidates().stream().filter(one -> one.type().equals(type));
  }

  private Optional<String> noise() {
    return guidance.floors().stream()
        .findFirst()
        .flatMap(floor ->
            floor.rows().stream()
                .filter(row -> !row.type().isText() && !Double.isNaN(row.reach()))
                .max(Comparator.comparingDouble(NullFloor.Row::reach))
                .map(row ->
                    "What noise looks like: %s instead of %s (%s) changes the score of any task type by less than %s (%.0f %% interval)."
                        .formatted(
                            floor.second(),
                            floor.first(),
                            floor.difference(),
                            Figures.size(row.reach()),
                            100 * rule.settings().level())));
  }

  private Row row(TaskType type) {
    List<Cell> cells = new ArrayList<>();
    cells.add(Cell.of(Words.sentenceCase(BitsWords.label(type))));
    rule.budgets().forEach(budget -> cells.add(cell(rule.choice(type, budget))));
    return new Row(cells);
  }

  private static Cell cell(Choice choice) {
    return switch (choice.kind()) {
      case USE -> {
        Candidate use = choice.candidate().orElseThrow();
        String size = "%s, %s".formatted(Figures.megabytes(use.megabytes()), range(use));
        yield new Cell(name(use.configuration()), List.of(size), "better");
      }
      case UNDECIDED ->
          new Cell(
              "undecided",
              Stream.concat(toDecide(choice).stream(), until(choice).stream()).toList(),
              "unclear");
      case BASELINE_ONLY ->
          new Cell(
              name(choice.baseline().orElseThrow()),
              List.of("nothing smaller is as good"),
              "plain");
      case NONE_GOOD -> new Cell("none", List.of("what fits loses more than the margin"), "worse");
      case NOTHING_FITS -> new Cell("nothing fits", List.of(), "missing");
    };
  }

  private static Optional<String> toDecide(Choice choice) {
    Candidate open = choice.candidate().orElseThrow();
    return open.itemsToDecide().isPresent()
        ? Optional.of(
            "needs ≈ %s items (%s has %s)"
                .formatted(
                    Figures.count(open.itemsToDecide().getAsLong()),
                    open.configuration().scheme(),
                    Figures.count(open.items())))
        : Optional.of(
            open.interval().isEmpty()
                ? "one item or cluster has no interval"
                : "needs far more items");
  }

  private static Optional<String> until(Choice choice) {
    return choice.baseline().map(base -> "until then " + name(base));
  }

  private static String range(Candidate one) {
    return one.interval().map(i -> change(one.type(), i)).orElse("no interval");
  }

  private static String change(TaskType type, Interval interval) {
    return type.isText()
        ? "× "
            + Figures.range(
                new Interval(
                    Math.exp(-interval.high()), Math.exp(-interval.low()), interval.level()))
        : Figures.pointRange(interval);
  }

  /** For every size at hand, where the answer changes. */
  private Table steps() {
    List<Row> rows =
        rule.steps().stream()
            .map(step -> {
              Cell answer = cell(step);
              List<String> notes = new ArrayList<>(answer.notes());
              if (!step.largerUndecided().isEmpty()) {
                notes.add(
                    "of a larger model, undecided: "
                        + Words.listed(
                            step.largerUndecided().stream()
                                .map(one -> name(one.configuration()))
                                .toList()));
              }
              return new Row(
                  List.of(
                      Cell.of(Words.sentenceCase(BitsWords.label(step.type()))),
                      Cell.number(Figures.megabytes(step.budget())),
                      new Cell(answer.text(), notes, answer.tone())));
            })
            .toList();
    return new Table(
        "What to use from which memory on",
        true,
        List.of("Task type", "From", "Recommendation"),
        rows);
  }

  private Table candidates() {
    List<Row> rows =
        rule.candidates().stream()
            .map(one ->
                new Row(
                    List.of(
                        Cell.of(Words.sentenceCase(BitsWords.label(one.type()))),
                        Cell.of(one.configuration().model()),
                        Cell.of(one.configuration().scheme()),
                        Cell.number(Figures.megabytes(one.megabytes())),
                        Cell.number(effect(one), range(one)),
                        Cell.number(Figures.p(one.adjustedP())),
                        outcome(one),
                        Cell.number(
                            one.smallestMargin().isPresent()
                                ? margin(one, one.smallestMargin().getAsDouble())
                                : Figures.NONE))))
            .toList();
    return new Table(
        "Every configuration with its equivalence test",
        true,
        List.of(
            "Task type",
            "Model",
            "Scheme",
            "Memory",
            "Change",
            "p of TOST, adjusted",
            "Outcome",
            "Margin these items can show"),
        rows);
  }

  private static String margin(Candidate one, double margin) {
    return one.type().isText() ? Figures.percent(margin) : Figures.size(margin);
  }

  private static String effect(Candidate one) {
    double gain = one.gain().map(mean -> mean.value()).orElse(Double.NaN);
    return one.type().isText() ? Figures.ratio(Math.exp(-gain)) : Figures.points(gain);
  }

  private static Cell outcome(Candidate one) {
    return switch (one.outcome()) {
      case EQUIVALENT -> new Cell("equivalent", List.of(), "better");
      case WORSE ->
          new Cell(one.gain().isEmpty() ? "no finite value" : "worse", List.of(), "worse");
      case UNDECIDED -> {
        String items =
            one.itemsToDecide().isPresent()
                ? "≈ %s items needed".formatted(Figures.count(one.itemsToDecide().getAsLong()))
                : "";
        yield new Cell("undecided", items.isEmpty() ? List.of() : List.of(items), "unclear");
      }
    };
  }
}
