// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;

/** Values as text: Python's {@code str} and {@code repr}. */
final class Printer {
  private final Budget budget;

  Printer(Budget budget) {
    this.budget = budget;
  }

  /** Python's {@code str}; undefined values print as nothing, or fail if they are strict. */
  String str(Object value) {
    return switch (value) {
      case String s -> s;
      case Markup m -> m.text();
      case Undefined undefined -> {
        undefined.permit();
        yield "";
      }
      case null, default -> repr(value);
    };
  }

  /** Python's {@code repr}. */
  String repr(Object value) {
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private void repr(Object value, StringBuilder out) {
    budget.enter();
    switch (value) {
      case null -> put("None", out);
      case Boolean b -> put(b ? "True" : "False", out);
      case Long l -> put(l.toString(), out);
      case BigInteger big -> put(Numbers.text(big), out);
      case Double d -> put(Numbers.text(d), out);
      case String s -> put(Text.quoted(s), out);
      case Markup m -> put("Markup(" + Text.quoted(m.text()) + ")", out);
      case Undefined u -> put("Undefined", out);
      case List<?> list -> items("[", list.iterator(), "]", out);
      case Tuple tuple -> {
        boolean single = tuple.items().size() == 1;
        items("(", tuple.items().iterator(), single ? ",)" : ")", out);
      }
      case Dict dict -> entries(dict, out);
      case DictView view -> {
        put(Types.name(view) + "(", out);
        items("[", view.toList().iterator(), "])", out);
      }
      case Range range -> {
        String step = range.step() == 1 ? "" : ", " + range.step();
        put("range(" + range.start() + ", " + range.stop() + step + ")", out);
      }
      case Generator generator -> put("<generator object " + generator.origin() + ">", out);
      case Namespace namespace -> {
        put("<Namespace ", out);
        repr(namespace.attributes(), out);
        put(">", out);
      }
      case Callee callee -> put(callee.describe(), out);
      default -> put("<" + Types.name(value) + " object>", out);
    }
    budget.leave();
  }

  private void items(String open, Iterator<?> items, String close, StringBuilder out) {
    put(open, out);
    while (items.hasNext()) {
      repr(items.next(), out);
      if (items.hasNext()) {
        put(", ", out);
      }
    }
    put(close, out);
  }

  private void entries(Dict dict, StringBuilder out) {
    put("{", out);
    String separator = "";
    for (Dict.Entry entry : dict.entries()) {
      put(separator, out);
      repr(entry.key(), out);
      put(": ", out);
      repr(entry.value(), out);
      separator = ", ";
    }
    put("}", out);
  }

  private void put(String text, StringBuilder out) {
    budget.text(text.length());
    out.append(text);
  }
}
