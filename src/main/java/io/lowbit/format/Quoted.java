// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

/** Text from a file, made safe to show in a message: short, and without terminal controls. */
final class Quoted {
  private static final int LONGEST = 80;

  private Quoted() {}

  /** The name in single quotes. */
  static String name(String name) {
    return "'" + text(name) + "'";
  }

  /** The text alone. */
  static String text(String text) {
    String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    StringBuilder safe = new StringBuilder(shown.length());
    shown
        .codePoints()
        .map(c -> Character.isISOControl(c) || isFormatOrSurrogate(c) ? '?' : c)
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static boolean isFormatOrSurrogate(int c) {
    int type = Character.getType(c);
    return type == Character.FORMAT || type == Character.SURROGATE;
  }
}
