// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Locale;

/** A comparison's answer in one word. */
public enum Answer {
  /** The interval of the effect lies on the bad side of no change. */
  WORSE,
  /** The interval of the effect lies on the good side of no change. */
  BETTER,
  /** Surely inside the margin, and no direction shown. */
  EQUIVALENT,
  /** Neither a direction nor equivalence is shown. */
  UNDECIDED;

  /**
   * The answer.
   *
   * @param improvement interval of the effect, positive meaning better
   */
  static Answer of(Interval improvement, Verdict verdict) {
    if (improvement.high() < 0) {
      return WORSE;
    }
    if (improvement.low() > 0) {
      return BETTER;
    }
    return verdict == Verdict.EQUIVALENT ? EQUIVALENT : UNDECIDED;
  }

  /** As printed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The answer with what the margin adds to it, such as "worse, but by less than 0.01". */
  String withMargin(Verdict verdict, double margin) {
    String size = String.format(Locale.ROOT, "%.3g", margin).replaceFirst("(\\.\\d*?)0+$", "$1");
    return switch (this) {
      case WORSE ->
          switch (verdict) {
            case INFERIOR -> "worse, by more than the margin of " + size;
            case WORSE_WITHIN_MARGIN, EQUIVALENT, NON_INFERIOR ->
                "worse, but by less than the margin of " + size;
            case INCONCLUSIVE -> "worse, perhaps by less than the margin of " + size;
          };
      case BETTER ->
          verdict == Verdict.EQUIVALENT
              ? "better, but by less than the margin of " + size
              : "better";
      case EQUIVALENT -> "equivalent within the margin of " + size;
      case UNDECIDED ->
          verdict == Verdict.NON_INFERIOR
              ? "undecided, but not worse by the margin of " + size
              : "undecided at a margin of " + size;
    };
  }
}
