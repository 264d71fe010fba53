// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of mutants.
 *
 * @param module they are of
 * @param verdicts in the order of the mutants
 */
record MutationReport(String module, List<Verdict> verdicts) {
  /** What became of a mutant. */
  enum Fate {
    KILLED,
    SURVIVED,
    /** Survived, but computes the same. */
    EXCUSED
  }

  /**
   * What became of one mutant.
   *
   * @param detail the case that killed it, the reason for the excuse, or how many cases it survived
   */
  record Verdict(Mutant mutant, Fate fate, String detail) {}

  /** Counts of one kernel. */
  record Tally(long killed, long survived, long excused) {
    /** Part of the mutants that were killed, of those that are not excused. */
    double killRate() {
      return killed + survived == 0 ? 1 : killed / (double) (killed + survived);
    }

    @Override
    public String toString() {
      return "%d of %d killed, %d excused".formatted(killed, killed + survived, excused);
    }
  }

  /** Counts by kernel. */
  Map<String, Tally> tallies() {
    return verdicts.stream()
        .collect(
            Collectors.groupingBy(
                verdict -> verdict.mutant().entry(),
                TreeMap::new,
                Collectors.collectingAndThen(Collectors.toList(), MutationReport::tally)));
  }

  /** Counts of the module. */
  Tally tally() {
    return tally(verdicts);
  }

  private static Tally tally(List<Verdict> verdicts) {
    Map<Fate, Long> counts =
        verdicts.stream().collect(Collectors.groupingBy(Verdict::fate, Collectors.counting()));
    return new Tally(
        counts.getOrDefault(Fate.KILLED, 0L),
        counts.getOrDefault(Fate.SURVIVED, 0L),
        counts.getOrDefault(Fate.EXCUSED, 0L));
  }

  /** Counts by kernel and the survivors, one a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("%s: %s%n".formatted(module, tally()));
    tallies().forEach((entry, tally) -> text.append("  %s: %s%n".formatted(entry, tally)));
    verdicts.stream()
        .filter(verdict -> verdict.fate() == Fate.SURVIVED)
        .forEach(verdict ->
            text.append("  survived (%s): %s%n".formatted(verdict.detail(), verdict.mutant())));
    return text.toString();
  }
}
