// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.published.Finding;
import io.lowbit.stats.published.Outcome;
import io.lowbit.stats.published.Reproduction;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A paper's findings as text: a block each, and a count at the end. */
final class ReproductionText {
  private ReproductionText() {}

  static void print(Reproduction reproduction, PrintWriter out) {
    out.println(reproduction.paper().citation());
    out.println(
        "Tested on " + reproduction.data() + "; intervals of 95 %, each finding by itself.");
    for (Reproduction.Result result : reproduction.results()) {
      print(result, out);
    }
    out.println();
    out.println(
        Arrays.stream(Status.values())
            .map(status ->
                "%d %s"
                    .formatted(
                        reproduction.results().stream()
                            .filter(one -> one.outcome().status() == status)
                            .count(),
                        words(status)))
            .collect(Collectors.joining(", ", "", ".")));
  }

  private static void print(Reproduction.Result result, PrintWriter out) {
    Finding finding = result.finding();
    Outcome outcome = result.outcome();
    out.println();
    out.printf(
        "%s: %s%s%n",
        finding.id(),
        finding.sentence(),
        finding.origin() == Finding.Origin.TABLES ? " (not the authors' claim)" : "");
    out.printf("  compared: %s%n", finding.compares());
    if (outcome.status() == Status.NOT_TESTED) {
      out.printf("  %s: %s%n", words(outcome.status()), String.join(" ", outcome.notes()));
      return;
    }
    out.printf("  %s: %s; %s%n", words(outcome.status()), number(outcome), outcome.rule());
    outcome.notes().forEach(note -> out.println("    " + note));
  }

  private static String number(Outcome outcome) {
    String interval =
        outcome
            .interval()
            .map(i -> String.format(Locale.ROOT, " (%.4f to %.4f)", i.low(), i.high()))
            .orElse(", no interval");
    return String.format(
        Locale.ROOT,
        "%s %.4f%s, n = %,d %s",
        outcome.statistic(),
        outcome.value(),
        interval,
        outcome.n(),
        outcome.unit());
  }

  private static String words(Status status) {
    return switch (status) {
      case HOLDS -> "holds";
      case FAILS -> "does not hold";
      case UNDECIDED -> "undecided";
      case NOT_TESTED -> "not testable here";
    };
  }
}
