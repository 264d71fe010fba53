// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/** What a paired comparison with a margin lets one say. */
public enum Verdict {
  /** The whole interval lies below −margin. */
  INFERIOR("inferior"),
  /** Surely worse than the base, and surely by less than the margin. */
  WORSE_WITHIN_MARGIN("worse within margin"),
  /** Surely inside ±margin. */
  EQUIVALENT("equivalent"),
  /** Surely not worse by the margin or more; may be better by more. */
  NON_INFERIOR("non-inferior"),
  /** The items at hand do not decide. */
  INCONCLUSIVE("inconclusive");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** As printed. */
  public String words() {
    return words;
  }
}
