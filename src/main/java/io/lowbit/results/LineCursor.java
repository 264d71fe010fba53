// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** A place in a line of JSON, read piece by piece. What does not fit leaves the place unknown. */
final class LineCursor {
  private final byte[] bytes;
  private final int end;
  private int at;

  /** The last number read. */
  private double number;

  LineCursor(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  boolean isAtEnd() {
    return at == end;
  }

  /** Whether the line goes on with these bytes, which are passed over. */
  boolean skip(byte[] expected) {
    int next = at + expected.length;
    if (next > end || !Arrays.equals(bytes, at, next, expected, 0, expected.length)) {
      return false;
    }
    at = next;
    return true;
  }

  private boolean skip(char expected) {
    if (at == end || bytes[at] != expected) {
      return false;
    }
    at++;
    return true;
  }

  /** A text whose opening quote is passed, up to behind its closing one. */
  Optional<String> text() {
    int begin = at;
    boolean isAscii = true;
    for (; at < end && bytes[at] != '"'; at++) {
      if (bytes[at] == '\\') {
        return escapedText(begin);
      }
      isAscii &= bytes[at] >= 0;
    }
    if (!skip('"')) {
      return Optional.empty();
    }
    return Optional.of(
        new String(
            bytes,
            begin,
            at - 1 - begin,
            isAscii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
  }

  private Optional<String> escapedText(int begin) {
    StringBuilder text = new StringBuilder();
    int plain = begin;
    while (at < end && bytes[at] != '"') {
      if (bytes[at] != '\\') {
        at++;
        continue;
      }
      text.append(new String(bytes, plain, at - plain, StandardCharsets.UTF_8));
      at++;
      if (at == end || !unescape(text)) {
        return Optional.empty();
      }
      plain = at;
    }
    text.append(new String(bytes, plain, at - plain, StandardCharsets.UTF_8));
    return skip('"') ? Optional.of(text.toString()) : Optional.empty();
  }

  /** Reads what follows a backslash. */
  private boolean unescape(StringBuilder text) {
    char letter = (char) bytes[at++];
    switch (letter) {
      case '"', '\\', '/' -> text.append(letter);
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'u' -> {
        int code = 0;
        for (int digits = 0; digits < 4; digits++) {
          int digit = at < end ? Character.digit(bytes[at++], 16) : -1;
          if (digit < 0) {
            return false;
          }
          code = 16 * code + digit;
        }
        text.append((char) code);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  /** Whether a number follows; it is passed over and kept. Null is NaN. */
  boolean passNumber() {
    if (skip(NULL)) {
      number = Double.NaN;
      return true;
    }
    int begin = at;
    while (at < end && isOfNumber(bytes[at])) {
      at++;
    }
    if (at - begin == 3 && bytes[begin + 1] == '.' && bytes[begin + 2] == '0') {
      number = bytes[begin] - '0';
      return Character.isDigit(bytes[begin]);
    }
    try {
      number =
          Double.parseDouble(new String(bytes, begin, at - begin, StandardCharsets.ISO_8859_1));
      // Whether one that overflows is read at all is for the full reader to say.
      return Double.isFinite(number);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static boolean isOfNumber(byte letter) {
    return (letter >= '0' && letter <= '9')
        || letter == '.'
        || letter == '-'
        || letter == '+'
        || letter == 'e'
        || letter == 'E';
  }

  /** The last number that was passed. */
  double number() {
    return number;
  }

  /** Numbers of an array whose opening bracket is passed, up to before its closing one. */
  Optional<double[]> numbers() {
    int count = 0;
    double[] found = new double[4];
    if (at < end && bytes[at] == ']') {
      return Optional.of(new double[0]);
    }
    do {
      if (!passNumber()) {
        return Optional.empty();
      }
      found = count == found.length ? Arrays.copyOf(found, 2 * count) : found;
      found[count++] = number;
    } while (skip(','));
    return Optional.of(count == found.length ? found : Arrays.copyOf(found, count));
  }
}
