// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.List;
import java.util.Optional;

/** A node that has a value. */
sealed interface Expression {
  /** Line of the template, from 1. */
  int line();

  /** A constant: text, number, truth value or none. */
  record Literal(int line, Object value) implements Expression {}

  /** A variable. */
  record Name(int line, String name) implements Expression {}

  /** {@code (a, b)}. */
  record TupleOf(int line, List<Expression> items) implements Expression {}

  /** {@code [a, b]}. */
  record ListOf(int line, List<Expression> items) implements Expression {}

  /** {@code {a: b}}. */
  record DictOf(int line, List<Pair> pairs) implements Expression {}

  /** One pair of a {@link DictOf}. */
  record Pair(Expression key, Expression value) {}

  /** {@code target.name}. */
  record Attribute(int line, Expression target, String name) implements Expression {}

  /** {@code target[key]}. */
  record Item(int line, Expression target, Expression key) implements Expression {}

  /** {@code target[start:stop:step]}; a bound that is left out is the constant none. */
  record Slice(int line, Expression target, Expression start, Expression stop, Expression step)
      implements Expression {}

  /** {@code -a}, {@code +a}. */
  record Sign(int line, boolean negative, Expression operand) implements Expression {}

  /** {@code not a}. */
  record Not(int line, Expression operand) implements Expression {}

  /** {@code a and b}, {@code a or b}. */
  record Logic(int line, boolean and, Expression left, Expression right) implements Expression {}

  /** {@code + - * / // % **}. */
  record Binary(int line, String operator, Expression left, Expression right)
      implements Expression {}

  /** {@code a ~ b ~ c}. */
  record Concat(int line, List<Expression> parts) implements Expression {}

  /** {@code a < b <= c}: holds if each neighbouring pair does. */
  record Comparison(int line, Expression first, List<Link> links) implements Expression {}

  /** One step of a {@link Comparison}; operators as written, and {@code in}, {@code not in}. */
  record Link(String operator, Expression operand) {}

  /** {@code then if test else otherwise}. */
  record Conditional(int line, Expression test, Expression then, Optional<Expression> otherwise)
      implements Expression {}

  /** {@code callee(...)}. */
  record Call(int line, Expression callee, CallArguments arguments) implements Expression {}

  /** {@code input | filter}. */
  record Filtered(int line, Expression input, Step filter) implements Expression {}

  /** {@code subject is test}. */
  record Tested(int line, Expression subject, Step test) implements Expression {}

  /** A filter or test by name, with its arguments. */
  record Step(int line, String name, CallArguments arguments) {}

  /** What stands between the parentheses of a call. */
  record CallArguments(
      List<Expression> positional,
      List<Named> named,
      Optional<Expression> spread,
      Optional<Expression> namedSpread) {
    static final CallArguments NONE =
        new CallArguments(List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /** {@code name=value} in a call. */
  record Named(String name, Expression value) {}
}
