// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.util.HashMap;
import java.util.Map;

/** Keeps equal short texts once: items, answers and targets are the same under every scheme. */
final class TextPool {
  private static final int LONGEST = 128;
  private static final int MOST = 1 << 20;

  private final Map<String, String> texts = new HashMap<>();

  /** The text, as the object that an equal text gave before if there was one. */
  String shared(String text) {
    if (text.length() > LONGEST) {
      return text;
    }
    if (texts.size() >= MOST) {
      return texts.getOrDefault(text, text);
    }
    String before = texts.putIfAbsent(text, text);
    return before == null ? text : before;
  }
}
