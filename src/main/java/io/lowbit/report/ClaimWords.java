// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.report.FindingsView.Cell;
import io.lowbit.report.FindingsView.Outcome;
import io.lowbit.report.FindingsView.Paper;
import io.lowbit.report.FindingsView.Row;
import io.lowbit.report.FindingsView.Table;
import io.lowbit.stats.Claim;
import io.lowbit.stats.Claim.Kind;
import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.Findings;
import io.lowbit.stats.Interval;
import io.lowbit.stats.PerplexityAnswer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the papers found, and what the records say of it; every word follows from a status. */
final class ClaimWords {
  /** Findings on bits that are told together, with what each is about. */
  private static final Map<String, Map<Kind, String>> TOGETHER = new LinkedHashMap<>();

  static {
    TOGETHER.put(
        "8 bits nearly lossless",
        subjects(
            Kind.WEIGHTS_8_LOSSLESS, "weights",
            Kind.ACTIVATIONS_8_LOSSLESS, "weights with activations",
            Kind.CACHE_8_LOSSLESS, "the cache"));
    TOGETHER.put(
        "that 4 bits cost little",
        subjects(Kind.WEIGHTS_4_NEARLY, "weights", Kind.CACHE_4_NEARLY, "the cache"));
    TOGETHER.put(
        "that 2 bits collapse",
        subjects(Kind.WEIGHTS_2_COLLAPSE, "weights", Kind.CACHE_2_COLLAPSE, "the cache"));
    TOGETHER.put(
        "that some abilities lose more than the rest",
        subjects(Kind.EMERGENT_LEAST, "emergent ones", Kind.LONG_CONTEXT_LEAST, "long context"));
    TOGETHER.put(
        "long context more sensitive to the cache than to weights",
        subjects(Kind.LONG_CONTEXT_CACHE, ""));
  }

  private final Findings findings;

  ClaimWords(Findings findings) {
    this.findings = findings;
  }

  private static Map<Kind, String> subjects(Object... kindsAndNames) {
    Map<Kind, String> subjects = new LinkedHashMap<>();
    for (int i = 0; i < kindsAndNames.length; i += 2) {
      subjects.put((Kind) kindsAndNames[i], (String) kindsAndNames[i + 1]);
    }
    return subjects;
  }

  /** The findings on bits, told together. */
  List<Paper> onBits() {
    List<Paper> papers = new ArrayList<>();
    TOGETHER.forEach((what, subjects) -> papers.add(together(what, subjects)));
    return papers;
  }

  private Paper together(String what, Map<Kind, String> subjects) {
    Map<Status, List<String>> byStatus = new EnumMap<>(Status.class);
    subjects.forEach((kind, name) ->
        byStatus.computeIfAbsent(findings.claim(kind).status(), _ -> new ArrayList<>()).add(name));
    List<Outcome> outcomes = new ArrayList<>();
    byStatus.forEach((status, names) -> {
      String start = outcomes.isEmpty() ? "here it " : "it ";
      String of = byStatus.size() == 1 ? "" : " for " + Words.listed(names);
      String end = outcomes.size() == byStatus.size() - 1 ? "." : ";";
      outcomes.add(new Outcome(start + words(status) + of + end, tone(status)));
    });
    return new Paper("The papers found " + what, outcomes);
  }

  /** One finding. */
  Paper paper(Kind kind) {
    Status status = findings.claim(kind).status();
    return new Paper(
        "The papers found that " + what(kind),
        List.of(new Outcome("here it " + words(status) + ".", tone(status))));
  }

  private static String words(Status status) {
    return switch (status) {
      case HOLDS -> "holds";
      case FAILS -> "does not hold";
      case UNDECIDED -> "is undecided";
      case NOT_TESTED -> "was not tested";
    };
  }

  private static String tone(Status status) {
    return switch (status) {
      case HOLDS -> "better";
      case FAILS -> "worse";
      case UNDECIDED, NOT_TESTED -> "unclear";
    };
  }

  /** Each finding with its number and its rule. */
  Table table(List<Kind> kinds) {
    return new Table(
        "What the papers found, and the rule that decides here",
        false,
        List.of("The papers found that", "Here it", "Measured", "Rule"),
        kinds.stream().map(this::row).toList());
  }

  private Row row(Kind kind) {
    Claim claim = findings.claim(kind);
    return new Row(
        List.of(
            Cell.of(what(kind)),
            new Cell(words(claim.status()), List.of(), tone(claim.status())),
            new Cell(measured(claim), claim.subjects(), "plain"),
            Cell.of(rule(kind))));
  }

  private static String what(Kind kind) {
    return switch (kind) {
      case WEIGHTS_8_LOSSLESS -> "8-bit weights are nearly lossless";
      case ACTIVATIONS_8_LOSSLESS -> "8-bit weights and activations are nearly lossless";
      case CACHE_8_LOSSLESS -> "an 8-bit cache is nearly lossless";
      case WEIGHTS_4_NEARLY -> "4-bit weights cost little";
      case CACHE_4_NEARLY -> "a 4-bit cache costs little";
      case WEIGHTS_2_COLLAPSE -> "2-bit weights collapse";
      case CACHE_2_COLLAPSE -> "a 2-bit cache collapses";
      case EMERGENT_LEAST -> "emergent abilities lose more than the rest";
      case LONG_CONTEXT_LEAST -> "long context loses more than the rest";
      case LONG_CONTEXT_CACHE -> "long context suffers more from a low-bit cache than from weights";
      case PERPLEXITY_TRACKS -> "accuracy follows perplexity over configurations";
      case LARGER_WINS -> "larger and quantized beats smaller and full in equal memory";
    };
  }

  private String measured(Claim claim) {
    if (claim.status() == Status.NOT_TESTED) {
      return Figures.NONE;
    }
    return switch (claim.kind()) {
      case PERPLEXITY_TRACKS -> "r = " + Figures.coefficient(claim.value(), claim.interval());
      case LARGER_WINS ->
          "%d won, %d lost of %s"
              .formatted(
                  findings.size().wins(),
                  findings.size().losses(),
                  Words.counted(claim.subjects().size(), "pair"));
      default -> Figures.points(claim.value()) + range(claim.interval());
    };
  }

  private static String range(Optional<Interval> interval) {
    return interval.map(i -> " (" + Figures.pointRange(i) + ")").orElse(", no interval");
  }

  private String rule(Kind kind) {
    return switch (kind) {
      case WEIGHTS_8_LOSSLESS, ACTIVATIONS_8_LOSSLESS, CACHE_8_LOSSLESS ->
          losesLess(findings.settings().scoreMargin());
      case WEIGHTS_4_NEARLY, CACHE_4_NEARLY -> losesLess(Claim.NEARLY);
      case WEIGHTS_2_COLLAPSE, CACHE_2_COLLAPSE ->
          "less than half is left of what the baseline has above chance: the number is what is left"
              + " minus that half, and its interval lies below 0";
      case EMERGENT_LEAST, LONG_CONTEXT_LEAST ->
          "its change minus that of tasks neither emergent nor long, over 4 and 3 bits of weights or"
              + " cache; the interval lies below 0";
      case LONG_CONTEXT_CACHE ->
          "change under the cache minus change under weights of as many bits, on the same items; the"
              + " interval lies below 0";
      case PERPLEXITY_TRACKS ->
          ("r is at most %.1f and its interval lies below 0, over all and within models; it does not"
                  + " hold if an interval lies above that")
              .formatted(PerplexityAnswer.TRACKS)
              .replace('-', '−');
      case LARGER_WINS ->
          "among pairs whose smaller model is unquantized the larger one wins at least one and loses"
              + " none, but for losses with less than three quarters of the memory; it does not hold"
              + " if it loses one and wins none";
    };
  }

  private static String losesLess(double margin) {
    return "the change of all scores has an interval above −" + Figures.size(margin);
  }
}
