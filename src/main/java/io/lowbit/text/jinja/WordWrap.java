// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills lines with words, as Python's {@code textwrap} does.
 *
 * @param width most characters of a line
 * @param breakLongWords cut words that are longer than a line
 * @param breakOnHyphens a line may also end after a hyphen
 * @param budget pays for the work
 */
record WordWrap(int width, boolean breakLongWords, boolean breakOnHyphens, Budget budget) {
  private static final Pattern WORDS = Pattern.compile("\\s+|\\S+");

  private static final String LETTER = "[\\p{L}_]";
  private static final String BEFORE_DASH = "[\\p{L}\\p{N}_!\"'&.,?]";
  private static final String AFTER_DASH = "[\\p{L}\\p{N}_]";

  /** After a hyphen between letters, and around a dash of two or more hyphens. */
  private static final Pattern BREAKS =
      Pattern.compile(
          "(?<=L{2}-|L-L-)(?=L-?L)|(?<=B)(?=-{2,}A)|(?<=B-{2,40})(?=A)"
              .replace("L", LETTER)
              .replace("B", BEFORE_DASH)
              .replaceAll("A(?=\\))", Matcher.quoteReplacement(AFTER_DASH)));

  /** The lines of one paragraph. */
  List<String> lines(String paragraph) {
    Deque<String> chunks = chunks(paragraph);
    List<String> lines = new ArrayList<>();
    while (!chunks.isEmpty()) {
      if (!lines.isEmpty() && Text.isBlank(chunks.peek(), 0)) {
        chunks.pop();
        continue;
      }
      List<String> line = new ArrayList<>();
      int used = 0;
      budget.work(chunks.peek().length());
      while (!chunks.isEmpty() && used + Text.length(chunks.peek()) <= width) {
        used += Text.length(chunks.peek());
        line.add(chunks.pop());
      }
      if (!chunks.isEmpty() && Text.length(chunks.peek()) > width) {
        tooLong(chunks, line, width - used);
      }
      if (!line.isEmpty() && Text.isBlank(line.getLast(), 0)) {
        line.removeLast();
      }
      if (!line.isEmpty()) {
        lines.add(String.join("", line));
      }
    }
    return lines;
  }

  private void tooLong(Deque<String> chunks, List<String> line, int left) {
    if (breakLongWords) {
      String chunk = chunks.pop();
      int end = Text.offset(chunk, left);
      int hyphen = breakOnHyphens ? chunk.lastIndexOf('-', end - 1) : -1;
      int cut = hyphen > 0 && hasMoreThanHyphens(chunk, hyphen) ? hyphen + 1 : end;
      line.add(chunk.substring(0, cut));
      chunks.push(chunk.substring(cut));
    } else if (line.isEmpty()) {
      line.add(chunks.pop());
    }
  }

  private static boolean hasMoreThanHyphens(String chunk, int end) {
    return chunk.chars().limit(end).anyMatch(c -> c != '-');
  }

  private Deque<String> chunks(String paragraph) {
    Deque<String> chunks = new ArrayDeque<>();
    Matcher words = WORDS.matcher(paragraph);
    while (words.find()) {
      if (breakOnHyphens) {
        chunks.addAll(List.of(BREAKS.split(words.group())));
      } else {
        chunks.add(words.group());
      }
    }
    return chunks;
  }
}
