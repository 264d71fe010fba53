// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Tables in LaTeX, to be {@code \input} into a document that loads booktabs and longtable. */
final class LatexTables {
  private static final Map<Integer, String> ESCAPES =
      Map.ofEntries(
          Map.entry((int) '\\', "\\textbackslash{}"),
          Map.entry((int) '{', "\\{"),
          Map.entry((int) '}', "\\}"),
          Map.entry((int) '$', "\\$"),
          Map.entry((int) '&', "\\&"),
          Map.entry((int) '#', "\\#"),
          Map.entry((int) '_', "\\_"),
          Map.entry((int) '%', "\\%"),
          Map.entry((int) '~', "\\textasciitilde{}"),
          Map.entry((int) '^', "\\textasciicircum{}"),
          Map.entry((int) '<', "\\textless{}"),
          Map.entry((int) '>', "\\textgreater{}"),
          Map.entry((int) '|', "\\textbar{}"),
          Map.entry((int) '`', "\\textasciigrave{}"),
          Map.entry((int) '\'', "\\textquotesingle{}"),
          Map.entry((int) '"', "\\texttt{\\char34}"),
          // A bracket after the end of a row would be taken for its option.
          Map.entry((int) '[', "{[}"),
          Map.entry((int) ']', "{]}"),
          Map.entry((int) '–', "--"),
          Map.entry((int) '−', "$-$"),
          Map.entry((int) '×', "$\\times$"),
          Map.entry((int) '±', "$\\pm$"),
          Map.entry((int) '→', "$\\rightarrow$"),
          Map.entry((int) '↑', "$\\uparrow$"),
          Map.entry((int) '↓', "$\\downarrow$"),
          Map.entry((int) '∞', "$\\infty$"));

  /** Of each of these sets two in a row would join to one sign. */
  private static final List<String> JOINING = List.of("-–", ",");

  private LatexTables() {}

  static String of(List<ResultSections.Section> sections) {
    StringBuilder text =
        new StringBuilder("% Needs \\usepackage{booktabs,longtable,textcomp} and UTF-8 input.\n");
    for (int i = 0; i < sections.size(); i++) {
      text.append(table(sections.get(i), i + 1));
    }
    return text.toString();
  }

  private static String table(ResultSections.Section section, int number) {
    String header = "\\toprule\n%s\\midrule\n".formatted(row(ResultSections.HEADER));
    String groups =
        section.groups().stream()
            .map(group -> group.stream().map(LatexTables::row).collect(Collectors.joining()))
            .collect(Collectors.joining("\\addlinespace\n"));
    String notes =
        section.notes().stream()
            .map(note -> "\\item " + escaped(note) + "\n")
            .collect(Collectors.joining());
    return """

    \\begin{longtable}{lllrrrlrlrl}
    \\caption{What low bits cost %s}\\label{tab:lowbit-%d}\\\\
    %s\\endfirsthead
    %s\\endhead
    \\bottomrule
    \\endlastfoot
    %s\\end{longtable}
    \\begin{itemize}
    %s\\end{itemize}
    """
        .formatted(escaped(section.model()), number, header, header, groups, notes);
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(LatexTables::escaped)
        .collect(Collectors.joining(" & ", "", " \\\\\n"));
  }

  /** The text such that LaTeX prints it as it is; controls and line breaks become blanks. */
  static String escaped(String text) {
    StringBuilder out = new StringBuilder();
    int before = ' ';
    for (int c : text.codePoints().toArray()) {
      boolean isBreak = Character.isISOControl(c) || c == 0x2028 || c == 0x2029;
      String escape = ESCAPES.get(c);
      if (isJoined(before, c)) {
        out.append("{}");
      }
      if (escape == null) {
        out.appendCodePoint(isBreak ? ' ' : c);
      } else {
        out.append(escape);
      }
      before = c;
    }
    return out.toString();
  }

  private static boolean isJoined(int before, int c) {
    return JOINING.stream().anyMatch(set -> set.indexOf(before) >= 0 && set.indexOf(c) >= 0);
  }
}
