// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

/**
 * One number of a paper.
 *
 * @param model as the source spells it
 * @param scheme in the notation of this program; empty where it cannot be written
 * @param printed the scheme as the source calls it
 * @param task as {@code tasks.csv} names it
 * @param metric as {@code tasks.csv} names it; {@code r of METRIC} for a printed correlation
 * @param detail which part of the task: a length, a direction, a turn; empty if it has one figure
 * @param value as printed, in the unit that {@code tasks.csv} gives
 * @param source table of the paper, or folder of the numbers behind its figures
 * @param note what is odd about it; usually empty
 */
public record PublishedFigure(
    String model,
    String scheme,
    String printed,
    String task,
    String metric,
    String detail,
    double value,
    String source,
    String note) {

  static PublishedFigure of(Table.Line line) {
    return new PublishedFigure(
        line.text("model"),
        line.text("scheme"),
        line.text("printed"),
        line.text("task"),
        line.text("metric"),
        line.text("detail"),
        line.number("value"),
        line.text("source"),
        line.text("note"));
  }
}
