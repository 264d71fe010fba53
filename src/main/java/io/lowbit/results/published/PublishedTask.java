// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import java.util.OptionalDouble;

/**
 * A task of a paper, seen through one of its metrics.
 *
 * @param task name in the figures
 * @param metric name in the figures
 * @param type what it asks of a model
 * @param unit of the figures
 * @param chance figure of guessing, in that unit; empty if it has none or it is not known
 * @param higherIsBetter direction
 * @param ours name of this program's task; it may not have it yet; empty if it is no task
 * @param ourMetric its metric; empty for the perplexity of a text
 * @param options keys of a study file that come closest to the paper's setting
 * @param note in what the paper's way differs from ours
 */
public record PublishedTask(
    String task,
    String metric,
    String type,
    String unit,
    OptionalDouble chance,
    boolean higherIsBetter,
    String ours,
    String ourMetric,
    String options,
    String note) {

  private static final String SHARE = "share";
  private static final String PERCENT = "percent";

  static PublishedTask of(Table.Line line) {
    return new PublishedTask(
        line.text("task"),
        line.text("metric"),
        line.text("type"),
        line.text("unit"),
        line.optionalNumber("chance"),
        Boolean.parseBoolean(line.text("higher_is_better")),
        line.text("ours"),
        line.text("our_metric"),
        line.text("options"),
        line.text("note"));
  }

  /** Whether figures are shares of items, which records hold as 0 to 1. */
  public boolean isShare() {
    return unit.equals(SHARE) || unit.equals(PERCENT);
  }

  /** Whether figures are perplexities. */
  public boolean isPerplexity() {
    return unit.equals("perplexity");
  }

  /** A figure in the unit of records: 55.8 % is 0.558. */
  public double inOurUnit(double figure) {
    return unit.equals(PERCENT) ? figure / 100 : figure;
  }
}
