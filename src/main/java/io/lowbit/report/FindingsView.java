// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;

/**
 * The first screen as text ready to be set: three answers, then what they rest on.
 *
 * @param cards one per question
 * @param details one per question, in the same order
 */
public record FindingsView(List<Card> cards, List<Detail> details) {

  /**
   * A question and its answer.
   *
   * @param id of the details
   * @param question as a heading
   * @param answer one short sentence
   * @param heads columns of the small table, the first one empty; none = no table
   * @param rows of the small table
   * @param charts small drawings
   * @param sentences what goes with the answer
   * @param papers what the papers found and what holds here
   */
  public record Card(
      String id,
      String question,
      String answer,
      List<String> heads,
      List<Row> rows,
      List<Page.Chart> charts,
      List<String> sentences,
      List<Paper> papers) {}

  /** A row of a table; the first cell is its head. */
  public record Row(List<Cell> cells) {
    /** Whether the cell of a column is a number, which stands to the right. */
    public boolean isNumber(int column) {
      return cells.get(column).tone().startsWith("number");
    }
  }

  /**
   * A cell.
   *
   * @param text its content
   * @param notes smaller lines below
   * @param tone {@code plain}, {@code unclear}, {@code worse}, {@code better} or {@code missing},
   *     after {@code number} where it is one
   */
  public record Cell(String text, List<String> notes, String tone) {
    static Cell of(String text) {
      return new Cell(text, List.of(), "plain");
    }

    static Cell number(String text, String... notes) {
      return new Cell(text, List.of(notes), "number");
    }
  }

  /**
   * A finding of the papers held against the records.
   *
   * @param claim "The papers found …"
   * @param outcomes "here it holds", or several for several subjects
   */
  public record Paper(String claim, List<Outcome> outcomes) {}

  /**
   * What holds here.
   *
   * @param text "here it holds", with what comes between it and the next one
   * @param tone {@code better} if it holds, {@code worse} if not, else {@code unclear}
   */
  public record Outcome(String text, String tone) {}

  /**
   * What an answer rests on.
   *
   * @param id of its heading
   * @param heading the question's subject
   * @param introduction how to read it
   * @param groups sentences in lists, under headings if they have one
   * @param charts drawn side by side where there is room
   * @param tables below the charts
   */
  public record Detail(
      String id,
      String heading,
      String introduction,
      List<Page.Group> groups,
      List<Page.Chart> charts,
      List<Table> tables) {}

  /** A table; folded ones open on demand. */
  public record Table(String caption, boolean folded, List<String> heads, List<Row> rows) {}
}
