// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.stats.PooledChange.Outcome;
import io.lowbit.stats.SchemeChange.Axis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * How few bits of one part a type of task tolerates.
 *
 * @param type of the tasks
 * @param axis the part
 * @param weightBits bits of the weights beside quantized activations; empty elsewhere
 * @param steps the numbers of bits that were run, most first
 */
public record Tolerance(TaskType type, Axis axis, OptionalInt weightBits, List<Step> steps) {

  /**
   * One number of bits.
   *
   * @param bits the number
   * @param outcome tolerated if one scheme of these bits surely loses less than the margin
   *     (Bonferroni over the schemes); not tolerated if each surely loses more
   * @param best the scheme with the strongest evidence of no loss
   * @param schemes number of schemes of these bits
   */
  public record Step(int bits, Outcome outcome, PooledChange best, int schemes) {
    private static final Comparator<PooledChange> EVIDENCE =
        Comparator.comparingDouble(PooledChange::p)
            .thenComparingDouble(change -> -change.gain().map(MacroMean::value).orElse(-1.0))
            .thenComparing(PooledChange::scheme);

    static Step of(int bits, List<PooledChange> changes) {
      PooledChange best = changes.stream().min(EVIDENCE).orElseThrow();
      int schemes = changes.size();
      Outcome outcome = best.outcome(schemes);
      boolean isAnyOpen =
          changes.stream().anyMatch(change -> change.outcome() != Outcome.NOT_TOLERATED);
      return new Step(
          bits,
          outcome == Outcome.NOT_TOLERATED && isAnyOpen ? Outcome.UNDECIDED : outcome,
          best,
          schemes);
    }
  }

  /** One per type and line of schemes that differ in bits only, in the order of the changes. */
  static List<Tolerance> of(List<PooledChange> changes) {
    record Line(TaskType type, Axis axis, int weightBits) {}
    Comparator<Line> order =
        Comparator.comparing(Line::type)
            .thenComparing(Line::axis)
            .thenComparingInt(line -> -line.weightBits);
    Map<Line, Map<Integer, List<PooledChange>>> lines = new TreeMap<>(order);
    for (PooledChange one : changes) {
      SchemeChange change = one.change();
      if (change.axis() != Axis.OTHER && change.bits().isPresent()) {
        lines
            .computeIfAbsent(
                new Line(one.type(), change.axis(), change.weightBits().orElse(0)),
                _ -> new TreeMap<>(Comparator.reverseOrder()))
            .computeIfAbsent(change.bits().getAsInt(), _ -> new ArrayList<>())
            .add(one);
      }
    }
    List<Tolerance> all = new ArrayList<>();
    lines.forEach((line, byBits) -> {
      List<Step> steps = new ArrayList<>();
      byBits.forEach((bits, schemes) -> steps.add(Step.of(bits, schemes)));
      all.add(
          new Tolerance(
              line.type,
              line.axis,
              line.weightBits == 0 ? OptionalInt.empty() : OptionalInt.of(line.weightBits),
              List.copyOf(steps)));
    });
    return List.copyOf(all);
  }

  /** Fewest bits that are tolerated together with all larger numbers that were run. */
  public OptionalInt bits() {
    OptionalInt fewest = OptionalInt.empty();
    for (Step step : steps) {
      if (step.outcome != Outcome.TOLERATED) {
        break;
      }
      fewest = OptionalInt.of(step.bits);
    }
    return fewest;
  }

  /** Tolerated if any bits are; else what holds for the largest number of them. */
  public Outcome outcome() {
    return steps.getFirst().outcome;
  }

  /** The largest number of bits that is not tolerated or not decided. */
  public Optional<Step> stop() {
    return steps.stream().filter(step -> step.outcome != Outcome.TOLERATED).findFirst();
  }
}
