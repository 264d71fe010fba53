// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

/**
 * A metric of a task.
 *
 * @param name key of an item's value ({@link ItemScore#values}) for means; display name for
 *     perplexities
 * @param aggregation how items become one number
 * @param higherIsBetter direction
 * @param chance score of guessing; NaN if there is none
 */
public record TaskMetric(
    String name, Aggregation aggregation, boolean higherIsBetter, double chance) {}
