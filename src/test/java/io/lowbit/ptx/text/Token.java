// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

/**
 * A word, a string or a mark.
 *
 * @param kind which of them
 * @param text as written, strings without quotes
 * @param line from 1
 * @param start position in the text
 * @param end position after the token
 */
record Token(Kind kind, String text, int line, int start, int end) {
  enum Kind {
    WORD,
    STRING,
    MARK,
    END
  }

  boolean is(String expected) {
    return kind != Kind.STRING && text.equals(expected);
  }
}
