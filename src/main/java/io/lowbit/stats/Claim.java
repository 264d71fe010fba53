// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.List;
import java.util.Optional;

/**
 * Something that Li et al. 2024 (qllm-eval) or Jin et al. 2024 found, held against the records at
 * hand. Each has a rule over an interval, so that other records can contradict it.
 *
 * @param kind what was found
 * @param status what the rule says here
 * @param value the number that the rule looks at; NaN if there is none
 * @param interval of the number
 * @param subjects schemes, or other names, behind the number
 */
public record Claim(
    Kind kind, Status status, double value, Optional<Interval> interval, List<String> subjects) {

  /** A loss of this share of the items still counts as "nearly none". */
  public static final double NEARLY = 0.05;

  /** What was found, with the number and the rule that decides. */
  public enum Kind {
    /** 8-bit weights lose less than the margin; the pooled change of all scores decides. */
    WEIGHTS_8_LOSSLESS,
    /** 8-bit weights and activations likewise. */
    ACTIVATIONS_8_LOSSLESS,
    /** An 8-bit cache likewise. */
    CACHE_8_LOSSLESS,
    /** 4-bit weights lose less than {@link #NEARLY}. */
    WEIGHTS_4_NEARLY,
    /** A 4-bit cache likewise. */
    CACHE_4_NEARLY,
    /** With 2-bit weights less than half is left of what the baseline has above chance. */
    WEIGHTS_2_COLLAPSE,
    /** With a 2-bit cache likewise. */
    CACHE_2_COLLAPSE,
    /** At 4 and 3 bits emergent abilities lose more than the rest; the difference decides. */
    EMERGENT_LEAST,
    /** At 4 and 3 bits long context loses more than the rest likewise. */
    LONG_CONTEXT_LEAST,
    /** At equal bits a cache costs long context more than weights do; the difference decides. */
    LONG_CONTEXT_CACHE,
    /** Accuracy falls with ln perplexity, r ≤ −0.5: pooled, and within models if there are two. */
    PERPLEXITY_TRACKS,
    /** Larger and quantized beats smaller and full in about the same memory. */
    LARGER_WINS
  }

  /** What the records say of it. */
  public enum Status {
    /** The rule's interval says so. */
    HOLDS,
    /** The rule's interval excludes it. */
    FAILS,
    /** The interval reaches both sides. */
    UNDECIDED,
    /** The records have nothing to say about it. */
    NOT_TESTED
  }

  static Claim notTested(Kind kind) {
    return new Claim(kind, Status.NOT_TESTED, Double.NaN, Optional.empty(), List.of());
  }

  /** Holds where the interval lies above the threshold, fails where it lies below. */
  static Claim above(
      Kind kind, Optional<MacroMean> mean, double threshold, double level, List<String> subjects) {
    return of(kind, mean, level, subjects, i -> i.low() > threshold, i -> i.high() < threshold);
  }

  /** Holds where the interval lies below the threshold, fails where it lies above. */
  static Claim below(
      Kind kind, Optional<MacroMean> mean, double threshold, double level, List<String> subjects) {
    return of(kind, mean, level, subjects, i -> i.high() < threshold, i -> i.low() > threshold);
  }

  private interface Rule {
    boolean holds(Interval interval);
  }

  private static Claim of(
      Kind kind,
      Optional<MacroMean> mean,
      double level,
      List<String> subjects,
      Rule holds,
      Rule fails) {
    if (mean.isEmpty()) {
      return notTested(kind);
    }
    Optional<Interval> interval = mean.get().interval(level);
    Status status =
        interval
            .map(i ->
                holds.holds(i) ? Status.HOLDS : fails.holds(i) ? Status.FAILS : Status.UNDECIDED)
            .orElse(Status.UNDECIDED);
    return new Claim(kind, status, mean.get().value(), interval, subjects);
  }
}
