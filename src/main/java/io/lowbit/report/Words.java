// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.List;
import java.util.Locale;

/** Words put together as English does. */
final class Words {
  private Words() {}

  /** "a, b and c". */
  static String listed(List<String> words) {
    int last = words.size() - 1;
    return last < 0
        ? ""
        : last == 0
            ? words.getFirst()
            : String.join(", ", words.subList(0, last)) + " and " + words.get(last);
  }

  /** "1 model", "3 models". */
  static String counted(long count, String noun) {
    return Figures.count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /** With a capital. */
  static String sentenceCase(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
