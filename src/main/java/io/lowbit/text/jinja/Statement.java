// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.List;
import java.util.Optional;

/** A node that writes output or changes variables. */
sealed interface Statement {
  /** Line of the template, from 1. */
  int line();

  /** Literal text. */
  record Data(int line, String text) implements Statement {}

  /** {@code {{ value }}}. */
  record Print(int line, Expression value) implements Statement {}

  /** {@code if}, {@code elif}; {@code otherwise} is empty where there is no {@code else}. */
  record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

  /** A condition and what it guards. */
  record Branch(Expression test, List<Statement> body) {}

  /** {@code for target in iterable if test recursive}. */
  record For(
      int line,
      Target target,
      Expression iterable,
      Optional<Expression> test,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /** {@code set target = value}. */
  record Assign(int line, Target target, Expression value) implements Statement {}

  /** {@code set target | filters} … {@code endset}. */
  record AssignBlock(int line, Target target, List<Expression.Step> filters, List<Statement> body)
      implements Statement {}

  /** {@code macro name(parameters)}. */
  record MacroDefinition(int line, String name, Signature signature) implements Statement {}

  /** {@code call(parameters) callee(...)}. */
  record CallBlock(int line, Expression.Call call, Signature signature) implements Statement {}

  /**
   * Parameters and body of a macro or call block.
   *
   * @param special those of {@code caller}, {@code kwargs} and {@code varargs} that the body reads
   */
  record Signature(List<Parameter> parameters, List<Statement> body, List<String> special) {}

  /** A parameter of a macro. */
  record Parameter(String name, Optional<Expression> fallback) {}

  /** {@code filter steps} … {@code endfilter}. */
  record FilterBlock(int line, List<Expression.Step> filters, List<Statement> body)
      implements Statement {}

  /** {@code with target = value, …}. */
  record With(int line, List<Assign> bindings, List<Statement> body) implements Statement {}

  /** {@code autoescape value}. */
  record Autoescape(int line, Expression value, List<Statement> body) implements Statement {}

  /** {@code block name}, rendered where it stands since templates here have no parents. */
  record Block(int line, boolean scoped, boolean required, List<Statement> body)
      implements Statement {}

  /** {@code generation}: the part of a chat that the assistant wrote. */
  record Generation(int line, List<Statement> body) implements Statement {}

  /** {@code break}, {@code continue}. */
  record Jump(int line, boolean leaves) implements Statement {}

  /** {@code include}, {@code import}, {@code from}, {@code extends}: needs a second template. */
  record OtherTemplate(int line, String tag) implements Statement {}

  /** Where a value is stored. */
  sealed interface Target {
    /** A variable. */
    record Variable(String name) implements Target {}

    /** {@code namespace.attribute}. */
    record Member(String namespace, String attribute) implements Target {}

    /** {@code a, b}: the value is unpacked. */
    record Several(List<Target> targets) implements Target {}
  }
}
