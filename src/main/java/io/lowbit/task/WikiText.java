// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The file format of WikiText (Merity et al. 2016): its pages and its tokenization marks. */
final class WikiText {
  /** {@code = Title =} with exactly one mark on either side. */
  private static final Pattern PAGE_HEADING = Pattern.compile(" = (?!= ).*(?<! =) = ");

  /** White space just inside a pair of marks; the inner text is as short as possible. */
  private static final List<Pattern> PAIRS =
      List.of(
          pair("\\(", "\\)"),
          pair("\\[", "\\]"),
          pair("\\{", "\\}"),
          pair("\"", "\""),
          pair("'", "'"));

  private WikiText() {}

  /**
   * Cuts a file at its level-1 headings. A page's lines are joined by line feeds with none at the
   * end. What stands before the first heading is a page of its own unless it is blank.
   */
  static List<String> pages(String file) {
    List<String> pages = new ArrayList<>();
    List<String> page = new ArrayList<>();
    String text = file.endsWith("\n") ? file.substring(0, file.length() - 1) : file;
    for (String line : text.split("\n", -1)) {
      if (PAGE_HEADING.matcher(line).matches()) {
        add(pages, page);
        page.clear();
      }
      page.add(line);
    }
    add(pages, page);
    return pages;
  }

  private static void add(List<String> pages, List<String> page) {
    String text = String.join("\n", page);
    if (!text.isBlank()) {
      pages.add(text);
    }
  }

  /** Undoes the tokenization, step by step in the order lm-evaluation-harness takes. */
  static String detokenize(String page) {
    String text =
        page.replace("s '", "s'")
            .replace(" @-@ ", "-")
            .replace(" @,@ ", ",")
            .replace(" @.@ ", ".")
            .replace(" : ", ": ")
            .replace(" ; ", "; ")
            .replace(" . ", ". ")
            .replace(" ! ", "! ")
            .replace(" ? ", "? ")
            .replace(" , ", ", ");
    for (Pattern pair : PAIRS) {
      text = pair.matcher(text).replaceAll("$1$2$3");
    }
    return text.replace("= = = =", "====")
        .replace("= = =", "===")
        .replace("= =", "==")
        .replace(" \u00b0 ", "\u00b0")
        .replace(" \n", "\n")
        .replace("\n ", "\n")
        .replace(" N ", " 1 ")
        .replace(" 's", "'s");
  }

  private static Pattern pair(String open, String close) {
    String space = "[\\s\\x1c-\\x1f]*";
    return Pattern.compile(
        "(" + open + ")" + space + "([^" + close + "]*?)" + space + "(" + close + ")",
        Pattern.UNICODE_CHARACTER_CLASS);
  }
}
