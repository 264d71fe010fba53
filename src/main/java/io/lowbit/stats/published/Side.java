// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.Interval;
import java.util.Optional;

/** On which side of a threshold a finding expects the number. */
public enum Side {
  /** The number is larger. */
  ABOVE,
  /** The number is smaller. */
  BELOW;

  /** Holds or fails only where the whole interval lies on one side. */
  Status status(Optional<Interval> interval, double threshold) {
    if (interval.isEmpty()) {
      return Status.UNDECIDED;
    }
    boolean above = interval.get().low() > threshold;
    boolean below = interval.get().high() < threshold;
    if (!above && !below) {
      return Status.UNDECIDED;
    }
    return above == (this == ABOVE) ? Status.HOLDS : Status.FAILS;
  }

  /** The rule as a phrase. */
  String rule(double threshold) {
    String side = this == ABOVE ? "above" : "below";
    return "holds if the interval lies %s %s".formatted(side, plain(threshold));
  }

  private static String plain(double threshold) {
    return threshold == Math.rint(threshold)
        ? Long.toString(Math.round(threshold))
        : Double.toString(threshold);
  }
}
