// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;

/** The escapes of a string literal, which are Python's. */
final class Escapes {
  private final String body;
  private final StringBuilder out = new StringBuilder();
  private int position;

  private Escapes(String body) {
    this.body = body;
  }

  /** The value of what stands between the quotes. */
  static String decode(String body) {
    if (body.indexOf('\\') < 0) {
      return body;
    }
    Escapes escapes = new Escapes(body);
    while (escapes.position < body.length()) {
      char c = body.charAt(escapes.position++);
      if (c == '\\') {
        escapes.escape();
      } else {
        escapes.out.append(c);
      }
    }
    return escapes.out.toString();
  }

  private void escape() {
    int c = body.codePointAt(position);
    position += Character.charCount(c);
    switch (c) {
      case '\n' -> {}
      case '\\', '\'', '"' -> out.append((char) c);
      case 'a' -> out.append('\u0007');
      case 'b' -> out.append('\b');
      case 'f' -> out.append('\f');
      case 'n' -> out.append('\n');
      case 'r' -> out.append('\r');
      case 't' -> out.append('\t');
      case 'v' -> out.append('\u000B');
      case 'x' -> hex(2);
      case 'u' -> hex(4);
      case 'U' -> hex(8);
      case 'N' -> named();
      case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(c - '0');
      default -> unknown(c);
    }
  }

  /**
   * Jinja2 rewrites other characters than ASCII as escapes first, so a backslash cuts them open.
   */
  private void unknown(int c) {
    out.append('\\');
    if (c < 0x80) {
      out.append((char) c);
    } else {
      out.append(String.format(c < 0x100 ? "x%02x" : c < 0x10000 ? "u%04x" : "U%08x", c));
    }
  }

  private void hex(int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = position < body.length() ? hexDigit(body.charAt(position)) : -1;
      if (digit < 0) {
        throw bad("needs " + digits + " hexadecimal digits");
      }
      value = value * 16 + digit;
      position++;
    }
    if (!Character.isValidCodePoint(value)) {
      throw bad("names no Unicode character");
    }
    out.appendCodePoint(value);
  }

  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private void octal(int first) {
    int value = first;
    for (int i = 0; i < 2 && position < body.length(); i++) {
      char c = body.charAt(position);
      if (c < '0' || c > '7') {
        break;
      }
      value = value * 8 + c - '0';
      position++;
    }
    out.append((char) value);
  }

  private void named() {
    int close = body.indexOf('}', position);
    if (close < 0 || body.charAt(position) != '{') {
      throw bad("needs a name in braces");
    }
    try {
      out.appendCodePoint(Character.codePointOf(body.substring(position + 1, close)));
    } catch (IllegalArgumentException e) {
      throw new TemplateException(Kind.SYNTAX, "no Unicode character has that name", 0, e);
    }
    position = close + 1;
  }

  private static TemplateException bad(String why) {
    return new TemplateException(Kind.SYNTAX, "an escape in a string " + why);
  }
}
