// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.ArrayList;
import java.util.List;

/**
 * The few rules of Python's text that scores depend on: what white space is, and how a list of
 * texts is printed and read back.
 */
public final class PythonText {
  private PythonText() {}

  /**
   * Python's {@code str.isspace} for one character, also its {@code \s}: Unicode's white space and
   * the four separators U+001C to U+001F.
   */
  static boolean isSpace(int c) {
    return (c >= 0x09 && c <= 0x0d)
        || (c >= 0x1c && c <= 0x20)
        || c == 0x85
        || (c >= 0x80 && Character.isSpaceChar(c));
  }

  /** {@code text.strip()}. */
  static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** Pieces of {@code re.split(r"\s+", text)}, empty ones at the ends included. */
  public static long words(String text) {
    long words = 1;
    boolean inSpace = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = isSpace(text.charAt(i));
      if (space && !inSpace) {
        words++;
      }
      inSpace = space;
    }
    return words;
  }

  /**
   * Reads a printed list of texts, such as {@code ['a', "it's"]}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  static List<String> parseList(String text) {
    return new ListReader(strip(text)).read();
  }

  private static final class ListReader {
    private final String text;
    private int at;

    ListReader(String text) {
      this.text = text;
    }

    List<String> read() {
      List<String> values = new ArrayList<>();
      expect('[');
      skipSpaces();
      while (peek() != ']') {
        values.add(peek() == '\'' || peek() == '"' ? quoted() : bare());
        skipSpaces();
        if (peek() == ',') {
          at++;
          skipSpaces();
        } else if (peek() != ']') {
          throw malformed();
        }
      }
      at++;
      if (at != text.length()) {
        throw malformed();
      }
      return values;
    }

    private String quoted() {
      char quote = text.charAt(at++);
      StringBuilder value = new StringBuilder();
      while (peek() != quote) {
        char c = text.charAt(at++);
        if (c == '\\') {
          escape(value);
        } else {
          value.append(c);
        }
      }
      at++;
      return value.toString();
    }

    private void escape(StringBuilder value) {
      char c = peek();
      at++;
      switch (c) {
        case 'n' -> value.append('\n');
        case 't' -> value.append('\t');
        case 'r' -> value.append('\r');
        case '\\', '\'', '"' -> value.append(c);
        case 'x' -> value.appendCodePoint(hex(2));
        case 'u' -> value.appendCodePoint(hex(4));
        case 'U' -> value.appendCodePoint(hex(8));
        default -> throw malformed();
      }
    }

    private int hex(int digits) {
      if (at + digits > text.length()) {
        throw malformed();
      }
      int value = Integer.parseInt(text, at, at + digits, 16);
      at += digits;
      return value;
    }

    /** A number: kept as it is written, which is how Python prints it again. */
    private String bare() {
      int start = at;
      while (peek() != ',' && peek() != ']') {
        at++;
      }
      String value = strip(text.substring(start, at));
      if (!value.matches("-?[0-9][0-9.e+-]*")) {
        throw malformed();
      }
      return value;
    }

    private void skipSpaces() {
      while (at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
    }

    private void expect(char c) {
      if (peek() != c) {
        throw malformed();
      }
      at++;
    }

    private char peek() {
      if (at >= text.length()) {
        throw malformed();
      }
      return text.charAt(at);
    }

    private IllegalArgumentException malformed() {
      String start = text.length() > 60 ? text.substring(0, 60) + "…" : text;
      return new IllegalArgumentException("'" + start + "' is not a list of texts");
    }
  }
}
