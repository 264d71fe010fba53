// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a module as lines, and which of them belong to which entry. */
final class ModuleText {
  private static final Pattern ENTRY = Pattern.compile("^\\.visible \\.entry (\\w+)");

  /** First and last line of an entry, from 1. */
  record Range(int first, int last) {
    boolean contains(int line) {
      return first <= line && line <= last;
    }
  }

  private final List<String> lines;
  private final Map<String, Range> entries = new LinkedHashMap<>();

  ModuleText(String text) {
    lines = text.lines().toList();
    String open = null;
    int first = 0;
    for (int line = 1; line <= lines.size(); line++) {
      Matcher entry = ENTRY.matcher(line(line));
      if (entry.find()) {
        open = entry.group(1);
        first = line;
      } else if (open != null && line(line).equals("}")) {
        entries.put(open, new Range(first, line));
        open = null;
      }
    }
  }

  /** Names of the entries in the order of the text. */
  Set<String> entries() {
    return entries.keySet();
  }

  Range range(String entry) {
    return entries.get(entry);
  }

  /** A line, from 1. */
  String line(int number) {
    return lines.get(number - 1);
  }

  /** The text with one entry only, every line where it was. */
  String only(String entry) {
    return only(entry, 0, "");
  }

  /** The same with one line replaced. */
  String only(String entry, int replaced, String replacement) {
    StringBuilder text = new StringBuilder();
    for (int line = 1; line <= lines.size(); line++) {
      if (line == replaced) {
        text.append(replacement);
      } else if (isOf(line, entry)) {
        text.append(line(line));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private boolean isOf(int line, String entry) {
    return entries.entrySet().stream()
        .noneMatch(other -> !other.getKey().equals(entry) && other.getValue().contains(line));
  }
}
