// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tests behind {@code is}. */
final class Tests {
  private Tests() {}

  static final List<Builtin> ALL = all();

  private static List<Builtin> all() {
    List<Builtin> tests =
        new ArrayList<>(
            List.of(
                Builtin.of("defined", c -> !(c.self() instanceof Undefined)),
                Builtin.of("undefined", c -> c.self() instanceof Undefined),
                Builtin.of("none", c -> c.self() == null),
                Builtin.of("boolean", c -> c.self() instanceof Boolean),
                Builtin.of("true", c -> Boolean.TRUE.equals(c.self())),
                Builtin.of("false", c -> Boolean.FALSE.equals(c.self())),
                Builtin.of(
                    "integer", c -> Numbers.isInteger(c.self()) && !(c.self() instanceof Boolean)),
                Builtin.of("float", c -> c.self() instanceof Double),
                Builtin.of("number", c -> Numbers.isNumber(c.self())),
                Builtin.of("string", c -> Types.text(c.self()) != null),
                Builtin.of("mapping", c -> c.self() instanceof Dict),
                Builtin.of("sequence", c -> isSequence(c.self())),
                Builtin.of("iterable", c -> Types.isIterable(c.self())),
                Builtin.of("callable", c -> isCallable(c.self())),
                Builtin.of("escaped", c -> c.self() instanceof Markup),
                Builtin.of("lower", c -> Letters.isLower(c.text())),
                Builtin.of("upper", c -> Letters.isUpper(c.text())),
                Builtin.of("odd", c -> remainder(c, 2L, 1L)),
                Builtin.of("even", c -> remainder(c, 2L, 0L)),
                Builtin.of("divisibleby num", c -> remainder(c, c.get(0), 0L)),
                Builtin.of("sameas other", c -> isSame(c.self(), c.get(0))),
                Builtin.of("in seq", c -> c.operators().contains(c.get(0), c.self())),
                Builtin.of("filter", c -> isNamed(c, c.evaluator().builtins().filters().keySet())),
                Builtin.of("test", c -> isNamed(c, c.evaluator().builtins().tests().keySet()))));
    comparison(tests, "==", "==", "eq", "equalto");
    comparison(tests, "!=", "!=", "ne");
    comparison(tests, ">", ">", "gt", "greaterthan");
    comparison(tests, ">=", ">=", "ge");
    comparison(tests, "<", "<", "lt", "lessthan");
    comparison(tests, "<=", "<=", "le");
    return List.copyOf(tests);
  }

  private static void comparison(List<Builtin> tests, String operator, String... names) {
    for (String name : names) {
      tests.add(
          Builtin.of(name + " other", c -> c.operators().compare(operator, c.self(), c.get(0))));
    }
  }

  private static boolean remainder(Invocation c, Object divisor, Object expected) {
    Object value = c.self();
    if (Types.text(value) != null) {
      throw c.wrong("needs a number, not " + Types.name(value));
    }
    return c.operators().equal(c.operators().arithmetic("%", value, divisor), expected);
  }

  private static boolean isSequence(Object value) {
    return switch (value) {
      case Undefined undefined -> !undefined.strict();
      case String s -> true;
      case Markup m -> true;
      case List<?> l -> true;
      case Tuple t -> true;
      case Dict d -> true;
      case Range r -> true;
      case null, default -> false;
    };
  }

  private static boolean isCallable(Object value) {
    return value instanceof Callee || value instanceof Undefined;
  }

  /** Python's {@code is}, as far as it can be told apart: small values are shared, others not. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isSame(Object a, Object b) {
    boolean plain = a instanceof Boolean || a instanceof Long || a instanceof String;
    return a == b || (plain && a.equals(b));
  }

  private static boolean isNamed(Invocation c, Set<String> names) {
    return c.self() instanceof String s && names.contains(s);
  }
}
