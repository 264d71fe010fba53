// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Claim.Status;
import io.lowbit.stats.Interval;
import java.util.List;
import java.util.Optional;

/**
 * What a test says of a finding.
 *
 * @param status whether it holds
 * @param statistic name of the number that decides
 * @param value the number; NaN if there is none
 * @param interval its 95 % interval
 * @param n size of the sample
 * @param unit what the sample is of: models, tasks, configurations
 * @param rule when it holds and when not
 * @param notes further facts, as sentences; the reason where it is not tested
 */
public record Outcome(
    Status status,
    String statistic,
    double value,
    Optional<Interval> interval,
    int n,
    String unit,
    String rule,
    List<String> notes) {

  /** Coverage of every interval. */
  static final double LEVEL = 0.95;

  static Outcome notTested(String reason) {
    return new Outcome(
        Status.NOT_TESTED, "", Double.NaN, Optional.empty(), 0, "", "", List.of(reason));
  }
}
