// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.List;

/** A place in the tokens of a template. */
final class Cursor {
  private static final int MAX_DEPTH = 150;

  private final List<Token> tokens;
  private int position;
  private int depth;

  Cursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(position);
  }

  Token look() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  /** The current token; moves past it, except past the end. */
  Token next() {
    Token token = current();
    if (position + 1 < tokens.size()) {
      position++;
    }
    return token;
  }

  int line() {
    return current().line();
  }

  boolean at(Token.Kind kind) {
    return current().kind() == kind;
  }

  boolean atName(String name) {
    return current().isName(name);
  }

  boolean atOperator(String operator) {
    return current().isOperator(operator);
  }

  boolean skipName(String name) {
    if (atName(name)) {
      next();
      return true;
    }
    return false;
  }

  boolean skipOperator(String operator) {
    if (atOperator(operator)) {
      next();
      return true;
    }
    return false;
  }

  Token expect(Token.Kind kind) {
    if (!at(kind)) {
      throw unexpected(kind.toString());
    }
    return next();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected("'" + name + "'");
    }
  }

  /** Enters one more level of nesting; each call is matched by {@link #leave}. */
  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new TemplateException(
          Kind.LIMIT, "the template nests more than " + MAX_DEPTH + " levels deep", line(), null);
    }
  }

  void leave() {
    depth--;
  }

  TemplateException unexpected(String expected) {
    return error("expected " + expected + ", found " + current().describe());
  }

  TemplateException error(String reason) {
    return new TemplateException(Kind.SYNTAX, reason, line(), null);
  }
}
