// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an answer is extracted from generated text.
 *
 * @param name the filter's name; with more than one filter the metric is called {@code
 *     metric,filter}
 * @param pattern what to look for; empty = the text as it is
 * @param select which match, from the end if negative
 */
public record AnswerFilter(String name, Optional<Pattern> pattern, int select) {
  /** What stands for an answer that was not found. */
  public static final String INVALID = "[invalid]";

  /** The text as it is. */
  public static final AnswerFilter NONE = new AnswerFilter("none", Optional.empty(), 0);

  /**
   * The selected match, white space at its ends dropped: of a pattern with groups the first group
   * that is not empty, as Python's {@code findall} with the harness's choice among groups.
   */
  public String extract(String text) {
    if (pattern.isEmpty()) {
      return text;
    }
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.get().matcher(text);
    while (matcher.find()) {
      found.add(firstGroup(matcher));
    }
    int index = select < 0 ? found.size() + select : select;
    return index >= 0 && index < found.size() ? PythonText.strip(found.get(index)) : INVALID;
  }

  private static String firstGroup(Matcher matcher) {
    if (matcher.groupCount() == 0) {
      return matcher.group();
    }
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String text = matcher.group(group);
      if (text != null && !text.isEmpty()) {
        return text;
      }
    }
    return matcher.groupCount() == 1 ? "" : INVALID;
  }
}
