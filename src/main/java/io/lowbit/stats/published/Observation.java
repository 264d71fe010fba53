// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.published.LowBits;
import java.util.OptionalDouble;

/**
 * One number under test, of a paper or of the records at hand.
 *
 * @param model its name, the same in all tasks
 * @param billions number of weights in 10⁹; empty if it is not known
 * @param scheme its name
 * @param bits what is low-bit in it
 * @param task as the paper calls it; our name for a task that it does not have
 * @param metric as the paper calls it
 * @param detail which part of the task; empty if it has one number
 * @param type what the task asks of a model
 * @param value shares as 0 to 1, all else as printed
 * @param isShare whether the value is a share of items
 * @param chance value of guessing; empty if it has none or it is not known
 * @param higherIsBetter direction
 */
public record Observation(
    String model,
    OptionalDouble billions,
    String scheme,
    LowBits bits,
    String task,
    String metric,
    String detail,
    String type,
    double value,
    boolean isShare,
    OptionalDouble chance,
    boolean higherIsBetter) {

  /** The score it is a value of: task, metric and part. */
  public record Score(String task, String metric, String detail) {
    @Override
    public String toString() {
      return task + " " + metric + (detail.isEmpty() ? "" : " " + detail);
    }
  }

  /** The score it is a value of. */
  public Score score() {
    return new Score(task, metric, detail);
  }
}
