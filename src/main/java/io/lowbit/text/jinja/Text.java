// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** Strings as Python sees them: sequences of code points, with Python's idea of white space. */
final class Text {
  private Text() {}

  /** Python's {@code str.isspace} for one code point. */
  static boolean isSpace(int c) {
    if (c < 0x80) {
      return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    }
    return c == 0x85
        || c == 0x2028
        || c == 0x2029
        || Character.getType(c) == Character.SPACE_SEPARATOR;
  }

  static boolean isBlank(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (!isSpace(text.charAt(i))) {
        return false;
      }
    }
    return from < text.length();
  }

  /** Python's {@code str.isalnum} for one code point: letters and numbers of any kind. */
  static boolean isAlphanumeric(int c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          true;
      default -> false;
    };
  }

  static boolean isIdentifier(String text) {
    if (text.isEmpty()) {
      return false;
    }
    int first = text.codePointAt(0);
    return (first == '_' || Character.isUnicodeIdentifierStart(first))
        && text.codePoints()
            .skip(1)
            .allMatch(
                c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
  }

  /** Python's {@code str.isprintable} for one code point. */
  static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** The offset in UTF-16 units of a code point index. */
  static int offset(String text, int index) {
    return text.offsetByCodePoints(0, index);
  }

  /** The characters as strings of one code point each. */
  static List<Object> characters(String text) {
    List<Object> out = new ArrayList<>(text.length());
    text.codePoints().forEach(c -> out.add(Character.toString(c)));
    return out;
  }

  static String fromCodePoints(int[] codePoints) {
    return new String(codePoints, 0, codePoints.length);
  }

  /**
   * Removes characters from the ends.
   *
   * @param characters those to remove, or null for white space
   */
  static String strip(String text, String characters, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && strippable(text.codePointAt(start), characters)) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && strippable(text.codePointBefore(end), characters)) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  private static boolean strippable(int c, String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  /** Order by code points, which is not the order of UTF-16 units. */
  static int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean mixed = Character.isSurrogate(x) != Character.isSurrogate(y);
        return mixed ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** The text in single quotes, or in double quotes if it holds a single and no double one. */
  static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder out = new StringBuilder(text.length() + 2).append(quote);
    text.codePoints().forEach(c -> quote(c, quote, out));
    return out.append(quote).toString();
  }

  private static void quote(int c, char quote, StringBuilder out) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\' -> out.append("\\\\");
      default -> {
        if (c == quote) {
          out.append('\\').append(quote);
        } else if (isPrintable(c)) {
          out.appendCodePoint(c);
        } else {
          out.append(String.format(c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c));
        }
      }
    }
  }

  static String escapeHtml(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&#34;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * Python's {@code str.split()}: the words between runs of white space.
   *
   * @param cuts how many cuts at most, counted from the left; negative for no limit
   */
  static List<String> words(String text, long cuts) {
    List<String> out = new ArrayList<>();
    int start = skip(text, 0, true);
    while (start < text.length()) {
      if (out.size() == cuts) {
        out.add(text.substring(start));
        return out;
      }
      int end = skip(text, start, false);
      out.add(text.substring(start, end));
      start = skip(text, end, true);
    }
    return out;
  }

  private static int skip(String text, int from, boolean space) {
    int i = from;
    while (i < text.length() && isSpace(text.charAt(i)) == space) {
      i++;
    }
    return i;
  }

  /** Python's {@code str.splitlines}. */
  static List<String> lines(String text, boolean keepEnds) {
    List<String> out = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (!isLineEnd(c)) {
        continue;
      }
      int end = i - 1;
      if (c == '\r' && i < text.length() && text.charAt(i) == '\n') {
        i++;
      }
      out.add(text.substring(start, keepEnds ? i : end));
      start = i;
    }
    if (start < text.length()) {
      out.add(text.substring(start));
    }
    return out;
  }

  private static boolean isLineEnd(char c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1C && c <= 0x1E)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }
}
