// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;

/**
 * What to do with the numbers, as text ready to be set: the recommendation that opens the page, the
 * figures behind it, and the methods as a paper would tell them.
 *
 * @param advice the recommendation
 * @param figures in page order
 * @param methods paragraphs under headings
 */
public record GuideView(Advice advice, List<Figure> figures, List<Page.Group> methods) {

  /**
   * What was compared, what to use, and how sure that is.
   *
   * @param headline one sentence: what to use
   * @param sentences what was compared and how sure we are
   * @param heads columns of the table: type of task, then budgets; none = no table
   * @param rows one per type of task
   * @param details further tables, folded
   */
  public record Advice(
      String headline,
      List<String> sentences,
      List<String> heads,
      List<FindingsView.Row> rows,
      List<FindingsView.Table> details) {}

  /**
   * A figure, or a sentence on what it would need.
   *
   * @param heading of the figure
   * @param sentences how to read it, or what is missing
   * @param charts one, or none if something is missing
   * @param tables the same numbers
   */
  public record Figure(
      String heading,
      List<String> sentences,
      List<Page.Chart> charts,
      List<FindingsView.Table> tables) {

    static Figure missing(String heading, String sentence) {
      return new Figure(heading, List.of(sentence), List.of(), List.of());
    }
  }
}
