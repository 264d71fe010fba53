// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * A larger model at fewer bits against a smaller one at more, in about the same memory or less.
 *
 * @param larger the configuration with more weights
 * @param smaller the one with more bits
 * @param difference score of the larger minus that of the smaller on the same items, pooled over
 *     tasks
 * @param interval of the difference; none if undefined
 * @param flips items that only one of them has right, if every score is 0 or 1: {@code baseOnly}
 *     are the smaller one's
 * @param p two-sided p of "no difference": McNemar's mid-p for one task of independent 0/1 items,
 *     else Student's t of the clustered pool; NaN if undefined
 * @param test where p comes from
 * @param adjustedP Holm's over all pairs; NaN if undefined
 */
public record SizePair(
    Configuration larger,
    Configuration smaller,
    MacroMean difference,
    Optional<Interval> interval,
    Optional<PairedBinary> flips,
    double p,
    String test,
    double adjustedP) {

  /** Memory of the larger one at most this multiple of the smaller one's. */
  public static final double MOST_MEMORY = 1.1;

  /** Below this multiple the memory is not about equal any more, but much less. */
  public static final double LEAST_MEMORY = 0.75;

  private static final double ALPHA = 0.05;

  /** Who has the better score. */
  public enum Winner {
    /** The larger model at fewer bits. */
    LARGER,
    /** The smaller model at more bits. */
    SMALLER,
    /** The items at hand do not decide. */
    UNDECIDED
  }

  /** By the adjusted p-value. */
  public Winner winner() {
    if (!(adjustedP < ALPHA)) {
      return Winner.UNDECIDED;
    }
    return difference.value() > 0 ? Winner.LARGER : Winner.SMALLER;
  }

  /** Memory of the larger one as a multiple of the smaller one's. */
  public double memoryRatio() {
    return larger.megabytes() / smaller.megabytes();
  }

  /** Whether the larger one has much less memory, so that its loss says nothing of equal memory. */
  public boolean isMuchSmaller() {
    return memoryRatio() < LEAST_MEMORY;
  }

  SizePair withAdjustedP(double adjusted) {
    return new SizePair(larger, smaller, difference, interval, flips, p, test, adjusted);
  }
}
