// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;

/**
 * One call of a {@link Builtin}.
 *
 * @param evaluator the rendering it happens in
 * @param name of the builtin, for messages
 * @param self the value a filter, test or method is applied to
 * @param values one per parameter, {@link Attributed#ABSENT} where none was given
 * @param arguments all arguments as they came
 */
record Invocation(
    Evaluator evaluator, String name, Object self, Object[] values, Arguments arguments) {

  Budget budget() {
    return evaluator.budget();
  }

  Operators operators() {
    return evaluator.operators();
  }

  boolean has(int index) {
    return values[index] != Attributed.ABSENT;
  }

  Object get(int index) {
    return values[index];
  }

  Object get(int index, Object fallback) {
    return has(index) ? values[index] : fallback;
  }

  /** Whether an optional argument was given and is not none. */
  boolean hasValue(int index) {
    return has(index) && values[index] != null;
  }

  boolean truth(int index) {
    return has(index) && Types.truth(values[index]);
  }

  /** The value it is applied to, as text. */
  String text() {
    return str(self);
  }

  /** An argument as text, whatever it is. */
  String str(int index) {
    return str(values[index]);
  }

  String str(Object value) {
    return evaluator.printer().str(value);
  }

  /** A value that must be text already. */
  String requireText(Object value) {
    String text = Types.text(value);
    if (text == null) {
      throw needs("text", value);
    }
    return text;
  }

  /** An argument that must be text already; the fallback if it is left out or none. */
  String requireText(int index, String fallback) {
    return hasValue(index) ? requireText(values[index]) : fallback;
  }

  /** An argument that must be an integer; beyond the range of a long it counts as its end. */
  long integer(int index, long fallback) {
    if (!has(index)) {
      return fallback;
    }
    Object value = values[index];
    if (!Numbers.isInteger(value)) {
      throw needs("an integer", value);
    }
    BigInteger big = Numbers.big(value);
    if (big.bitLength() < Long.SIZE) {
      return big.longValue();
    }
    return big.signum() > 0 ? Long.MAX_VALUE : Long.MIN_VALUE;
  }

  /** The items of a value; each is paid for as it is taken. */
  Iterator<Object> iterate(Object value) {
    return evaluator.iterate(value);
  }

  /** The items of a value as a new list. */
  List<Object> list(Object value) {
    return evaluator.toList(value);
  }

  Undefined undefined(String reason) {
    return evaluator.undefined(reason);
  }

  /** Text that keeps the mark of the value it was made from. */
  Object like(String text) {
    return self instanceof Markup ? new Markup(text) : text;
  }

  /** The value it is applied to, which must be a mapping. */
  Dict requireDict() {
    if (self instanceof Dict dict) {
      return dict;
    }
    throw needs("a mapping", self);
  }

  /** The failure of a value of the wrong type. */
  TemplateException needs(String what, Object value) {
    return value instanceof Undefined undefined
        ? undefined.failure()
        : wrong("needs " + what + ", not " + Types.name(value));
  }

  TemplateException wrong(String why) {
    return new TemplateException(Kind.TYPE, "'" + name + "' " + why);
  }
}
