// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Values as JSON, in the layout of Python's {@code json.dumps}.
 *
 * @param indent what one level is indented by; empty for everything on one line
 * @param itemSeparator between items
 * @param keySeparator between a key and its value
 * @param sortKeys mappings in order of their keys
 * @param asciiOnly other characters as escapes
 */
record Json(
    Optional<String> indent,
    String itemSeparator,
    String keySeparator,
    boolean sortKeys,
    boolean asciiOnly) {

  /** Writes a value. */
  String write(Object value, Evaluator evaluator) {
    StringBuilder out = new StringBuilder();
    write(value, "\n", evaluator, out);
    return out.toString();
  }

  private void write(Object value, String newline, Evaluator evaluator, StringBuilder out) {
    Budget budget = evaluator.budget();
    budget.enter();
    budget.text(8); // brackets, separator, or a number
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b);
      case Long l -> out.append(l);
      case BigInteger big -> out.append(Numbers.text(big));
      case Double d -> out.append(number(d));
      case String s -> quote(s, budget, out);
      case Markup m -> quote(m.text(), budget, out);
      case List<?> list -> array(list.iterator(), newline, evaluator, out);
      case Tuple tuple -> array(tuple.items().iterator(), newline, evaluator, out);
      case Dict dict -> object(dict, newline, evaluator, out);
      default ->
          throw new TemplateException(
              Kind.TYPE, "a value of type " + Types.name(value) + " has no form in JSON");
    }
    budget.leave();
  }

  private void array(Iterator<?> items, String newline, Evaluator evaluator, StringBuilder out) {
    if (!items.hasNext()) {
      out.append("[]");
      return;
    }
    String inner = newline + indent.orElse("");
    out.append('[');
    while (true) {
      breakLine(inner, evaluator, out);
      write(items.next(), inner, evaluator, out);
      if (!items.hasNext()) {
        break;
      }
      out.append(itemSeparator);
    }
    breakLine(newline, evaluator, out);
    out.append(']');
  }

  private void object(Dict dict, String newline, Evaluator evaluator, StringBuilder out) {
    if (dict.size() == 0) {
      out.append("{}");
      return;
    }
    String inner = newline + indent.orElse("");
    out.append('{');
    String separator = "";
    for (Dict.Entry entry : ordered(dict, evaluator)) {
      out.append(separator);
      breakLine(inner, evaluator, out);
      quote(key(entry.key()), evaluator.budget(), out);
      out.append(keySeparator);
      write(entry.value(), inner, evaluator, out);
      separator = itemSeparator;
    }
    breakLine(newline, evaluator, out);
    out.append('}');
  }

  private void breakLine(String newline, Evaluator evaluator, StringBuilder out) {
    if (indent.isPresent()) {
      evaluator.budget().text(newline.length());
      out.append(newline);
    }
  }

  private List<Dict.Entry> ordered(Dict dict, Evaluator evaluator) {
    if (!sortKeys) {
      return List.copyOf(dict.entries());
    }
    List<Operators.Keyed> keyed = new ArrayList<>();
    dict.entries().forEach(e -> keyed.add(new Operators.Keyed(e.key(), e)));
    return evaluator.operators().sorted(keyed, false).stream().map(Dict.Entry.class::cast).toList();
  }

  private static String key(Object key) {
    return switch (key) {
      case null -> "null";
      case Boolean b -> b.toString();
      case Long l -> l.toString();
      case BigInteger big -> Numbers.text(big);
      case Double d -> number(d);
      case String s -> s;
      case Markup m -> m.text();
      default ->
          throw new TemplateException(
              Kind.TYPE, "a key of type " + Types.name(key) + " has no form in JSON");
    };
  }

  private static String number(double d) {
    if (Double.isNaN(d)) {
      return "NaN";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "Infinity" : "-Infinity";
    }
    return Numbers.text(d);
  }

  private void quote(String text, Budget budget, StringBuilder out) {
    budget.text(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c < ' ' || (asciiOnly && c > '~')) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
