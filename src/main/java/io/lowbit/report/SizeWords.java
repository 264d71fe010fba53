// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.FindingsView.Card;
import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Detail;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Configuration;
import io.lowbit.stats.Configurations;
import io.lowbit.stats.Findings;
import io.lowbit.stats.SizeAnswer;
import io.lowbit.stats.SizePair;
import io.lowbit.stats.SizePair.Winner;
import java.util.ArrayList;
import java.util.List;

/** Larger at fewer bits or smaller at more, in words. */
final class SizeWords {
  static final String ID = "size";

  private final Findings findings;
  private final SizeAnswer answer;
  private final Configurations configurations;

  SizeWords(Findings findings) {
    this.findings = findings;
    this.answer = findings.size();
    this.configurations = answer.configurations();
  }

  Card card(List<Page.Chart> charts) {
    return new Card(
        ID,
        "Larger at fewer bits, or smaller at more?",
        answer(),
        List.of(),
        List.of(),
        charts,
        sentences(),
        List.of(new ClaimWords(findings).paper(Kind.LARGER_WINS)));
  }

  private String answer() {
    if (configurations.models() < 2) {
      return "Cannot be told from one model: the question needs a second one of another size.";
    }
    if (configurations.scoreTasks().isEmpty()) {
      return "Cannot be told: no benchmark was scored under every model.";
    }
    if (answer.pairs().isEmpty()) {
      return "Cannot be told: no larger model at fewer bits fits into the memory of a smaller one.";
    }
    long larger = answer.count(Winner.LARGER);
    long smaller = answer.count(Winner.SMALLER);
    int pairs = answer.pairs().size();
    if (pairs == 1) {
      return switch (answer.pairs().getFirst().winner()) {
        case LARGER -> "The larger model at fewer bits wins the one pair.";
        case SMALLER -> "The smaller model at more bits wins the one pair.";
        case UNDECIDED -> "The one pair is undecided.";
      };
    }
    if (larger + smaller == 0) {
      return "None of the %d pairs of about equal memory is decided.".formatted(pairs);
    }
    return larger >= smaller
        ? "Larger at fewer bits wins %d of %d pairs, smaller at more bits %s."
            .formatted(larger, pairs, number(smaller))
        : "Smaller at more bits wins %d of %d pairs, larger at fewer bits %s."
            .formatted(smaller, pairs, number(larger));
  }

  private static String number(long count) {
    return count == 0 ? "none" : Long.toString(count);
  }

  private List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    answer.mostTelling().ifPresent(pair -> sentences.add("Most telling: " + sentence(pair)));
    long undecided = answer.count(Winner.UNDECIDED);
    if (undecided > 0 && answer.pairs().size() > 1) {
      sentences.add("%d of the pairs are undecided.".formatted(undecided));
    }
    long cheap =
        answer.pairs().stream()
            .filter(pair -> pair.winner() == Winner.SMALLER && pair.isMuchSmaller())
            .count();
    if (cheap > 0) {
      sentences.add(
          "In %d of the smaller model's wins the larger one has less than three quarters of its memory."
              .formatted(cheap));
    }
    return sentences;
  }

  private List<String> allSentences() {
    List<String> sentences = sentences();
    if (configurations.models() > 1 && !answer.accuracyFront().isEmpty()) {
      sentences.add(
          "Best accuracy for the memory, from small to large: "
              + Words.listed(answer.accuracyFront().stream().map(SizeWords::name).toList())
              + " (on the dashed line of the chart).");
    }
    if (!configurations.isSameText()) {
      sentences.add(
          "The models count different tokens: perplexities compare within a model only, and no best"
              + " ones are drawn.");
    }
    return sentences;
  }

  private static String sentence(SizePair pair) {
    return "%s (%s) against %s (%s) %s%s, adjusted p %s."
        .formatted(
            name(pair.larger()),
            Figures.megabytes(pair.larger().megabytes()),
            name(pair.smaller()),
            Figures.megabytes(pair.smaller().megabytes()),
            Figures.points(pair.difference().value()),
            pair.interval().map(i -> " (" + Figures.pointRange(i) + ")").orElse(""),
            Figures.p(pair.adjustedP()));
  }

  private static String name(Configuration one) {
    return one.model() + " " + one.scheme();
  }

  Detail detail(List<Page.Chart> charts) {
    List<Table> tables = new ArrayList<>();
    if (!answer.pairs().isEmpty()) {
      tables.add(pairs());
    }
    if (!configurations.all().isEmpty()) {
      tables.add(all());
    }
    tables.add(new ClaimWords(findings).table(List.of(Kind.LARGER_WINS)));
    return new Detail(
        ID,
        "Size and quality",
        introduction(),
        List.of(new Page.Group("", allSentences())),
        charts,
        tables);
  }

  private String introduction() {
    String sizes =
        "Memory is that of all weights: number of weights × bits per weight of the whole model,"
            + " without a cache.";
    if (answer.pairs().isEmpty()) {
      return sizes + " " + answer();
    }
    return sizes
        + " Each configuration of a smaller model meets each larger model once, in the scheme that"
        + " takes the most memory but no more than a tenth above its own; of schemes of one size the"
        + " one that leaves the rest alone. Scores are compared on the same items, each task with the"
        + " same weight; p-values are Holm's over these pairs.";
  }

  private Table pairs() {
    return new Table(
        "Pairs in about equal memory",
        false,
        List.of(
            "Larger at fewer bits",
            "Smaller at more bits",
            "Memory ratio",
            "Difference of score",
            "Right alone",
            "p",
            "p, adjusted",
            "Better"),
        answer.pairs().stream().map(SizeWords::row).toList());
  }

  private static Row row(SizePair pair) {
    return new Row(
        List.of(
            new Cell(name(pair.larger()), List.of(megabytes(pair.larger())), "plain"),
            new Cell(name(pair.smaller()), List.of(megabytes(pair.smaller())), "plain"),
            Cell.number(Figures.bits(pair.memoryRatio())),
            Cell.number(
                Figures.points(pair.difference().value()),
                pair.interval().map(Figures::pointRange).orElse("no interval")),
            Cell.number(
                pair.flips()
                    .map(flips -> flips.quantOnly() + " : " + flips.baseOnly())
                    .orElse(Figures.NONE)),
            Cell.number(Figures.p(pair.p()), pair.test()),
            Cell.number(Figures.p(pair.adjustedP())),
            winner(pair.winner())));
  }

  private static Cell winner(Winner winner) {
    return switch (winner) {
      case LARGER -> new Cell("larger", List.of(), "better");
      case SMALLER -> new Cell("smaller", List.of(), "worse");
      case UNDECIDED -> new Cell("undecided", List.of(), "unclear");
    };
  }

  private static String megabytes(Configuration one) {
    return Figures.megabytes(one.megabytes());
  }

  private Table all() {
    return new Table(
        "Every configuration",
        true,
        List.of(
            "Model",
            "Scheme",
            "Memory",
            "Bits per weight",
            "Accuracy",
            "Perplexity",
            "Best for its memory"),
        configurations.all().stream().map(this::row).toList());
  }

  private Row row(Configuration one) {
    List<String> best = new ArrayList<>();
    if (answer.accuracyFront().contains(one)) {
      best.add("accuracy");
    }
    if (answer.perplexityFront().contains(one)) {
      best.add("perplexity");
    }
    return new Row(
        List.of(
            Cell.of(one.model()),
            Cell.of(one.scheme()),
            Cell.number(megabytes(one)),
            Cell.number(Figures.bits(one.modelBits())),
            Double.isNaN(one.accuracy())
                ? Cell.number(Figures.NONE)
                : PerplexityWords.accuracy(one),
            Double.isNaN(one.lnPerplexity())
                ? Cell.number(Figures.NONE)
                : PerplexityWords.perplexity(one),
            Cell.of(Words.listed(best))));
  }
}
