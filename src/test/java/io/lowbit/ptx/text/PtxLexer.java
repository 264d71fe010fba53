// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.ArrayList;
import java.util.List;

/** Splits PTX into words (directives, opcodes, registers, numbers), strings and marks. */
final class PtxLexer {
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;

  private PtxLexer(String text) {
    this.text = text;
  }

  /** All tokens of a text, with an END at the end. */
  static List<Token> tokens(String text) {
    PtxLexer lexer = new PtxLexer(text);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (skipBlanks()) {
      char c = text.charAt(at);
      if (isWord(c)) {
        word();
      } else if (c == '"') {
        string();
      } else {
        add(Token.Kind.MARK, at, at + 1);
      }
    }
    tokens.add(new Token(Token.Kind.END, "end of text", line, at, at));
  }

  private void word() {
    int end = at;
    boolean directive = text.charAt(at) == '.';
    while (end < text.length()) {
      if (directive && end > at && text.charAt(end) == '.') {
        // '.reg.b16' is two words.
        break;
      } else if (isWord(text.charAt(end))) {
        end++;
      } else if (text.startsWith("::", end)) {
        end += 2;
      } else {
        break;
      }
    }
    String word = text.substring(at, end);
    if (word.equals(".loc") || word.equals(".file")) {
      skipLine();
    } else {
      add(Token.Kind.WORD, at, end);
    }
  }

  private void string() {
    int end = text.indexOf('"', at + 1);
    if (end < 0) {
      throw new PtxSyntaxException(line, "a string does not end");
    }
    tokens.add(new Token(Token.Kind.STRING, text.substring(at + 1, end), line, at, end + 1));
    at = end + 1;
  }

  private void add(Token.Kind kind, int start, int end) {
    tokens.add(new Token(kind, text.substring(start, end), line, start, end));
    at = end;
  }

  /** Skips blanks and comments; false at the end. */
  private boolean skipBlanks() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
        at++;
      } else if (c <= ' ') {
        at++;
      } else if (text.startsWith("//", at)) {
        skipLine();
      } else if (text.startsWith("/*", at)) {
        skipComment();
      } else {
        return true;
      }
    }
    return false;
  }

  private void skipLine() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  private void skipComment() {
    int end = text.indexOf("*/", at + 2);
    if (end < 0) {
      throw new PtxSyntaxException(line, "a comment does not end");
    }
    line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
    at = end + 2;
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '%' || c == '.';
  }
}
