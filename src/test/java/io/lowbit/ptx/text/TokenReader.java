// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.List;

/** A place in a list of tokens. */
final class TokenReader {
  private final String text;
  private final List<Token> tokens;
  private int at;

  TokenReader(String text) {
    this.text = text;
    this.tokens = PtxLexer.tokens(text);
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  boolean atEnd() {
    return peek().kind() == Token.Kind.END;
  }

  Token next() {
    Token token = peek();
    if (token.kind() == Token.Kind.END) {
      throw new PtxSyntaxException(token.line(), "the text ends in the middle of something");
    }
    at++;
    return token;
  }

  /** Takes the next token if it is the given one. */
  boolean take(String expected) {
    if (peek().is(expected)) {
      at++;
      return true;
    }
    return false;
  }

  Token expect(String expected) {
    Token token = next();
    if (!token.is(expected)) {
      throw new PtxSyntaxException(
          token.line(), "expected '%s' but found '%s'".formatted(expected, token.text()));
    }
    return token;
  }

  Token word() {
    Token token = next();
    if (token.kind() != Token.Kind.WORD) {
      throw new PtxSyntaxException(
          token.line(), "expected a word but found '%s'".formatted(token.text()));
    }
    return token;
  }

  int integer() {
    Token token = word();
    return Math.toIntExact(Numbers.parse(token).bits());
  }

  /** Skips up to and including a mark. */
  void skipPast(String mark) {
    while (!next().is(mark)) {
      // Everything before the mark is of no interest.
    }
  }

  /** The text between two tokens, with blanks folded. */
  String between(Token first, Token last) {
    return text.substring(first.start(), last.end()).replaceAll("\\s+", " ");
  }
}
