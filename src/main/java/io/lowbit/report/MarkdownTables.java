// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;
import java.util.stream.Collectors;

/** Tables in GitHub's Markdown. */
final class MarkdownTables {
  /** Characters that could start markup inside a cell or a list item. */
  private static final String MARKUP = "\\`*_[]<>|&~$#!";

  private MarkdownTables() {}

  static String of(List<ResultSections.Section> sections) {
    StringBuilder text = new StringBuilder();
    for (ResultSections.Section section : sections) {
      text.append("## ").append(escaped(section.model())).append("\n\n");
      text.append(row(ResultSections.HEADER));
      text.append("|---|---|---|--:|--:|--:|---|--:|---|--:|---|\n");
      section.groups().forEach(group -> group.forEach(row -> text.append(row(row))));
      text.append('\n');
      section.notes().forEach(note -> text.append("- ").append(escaped(note)).append('\n'));
      text.append('\n');
    }
    return text.toString();
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(MarkdownTables::escaped)
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  /** The text such that Markdown shows it as it is; controls and line breaks become blanks. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? ' ' : c)
        .forEach(c -> {
          if (MARKUP.indexOf(c) >= 0) {
            out.append('\\');
          }
          out.appendCodePoint(c);
        });
    return out.toString();
  }
}
