// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** Python's operators on values. */
final class Operators {
  private final Budget budget;

  Operators(Budget budget) {
    this.budget = budget;
  }

  /** {@code left operator right} for the arithmetic operators, {@code %} on text excepted. */
  Object arithmetic(String operator, Object left, Object right) {
    define(left);
    define(right);
    budget.work(Types.weight(left) + Types.weight(right));
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return switch (operator) {
        case "+" -> Numbers.add(left, right);
        case "-" -> Numbers.subtract(left, right);
        case "*" -> Numbers.multiply(left, right);
        case "/" -> Numbers.divide(left, right);
        case "//" -> Numbers.floorDivide(left, right);
        case "%" -> Numbers.modulo(left, right);
        case "**" -> Numbers.power(left, right);
        default -> throw new IllegalArgumentException("no operator " + operator);
      };
    }
    Object result =
        switch (operator) {
          case "+" -> join(left, right);
          case "*" ->
              Numbers.isInteger(right)
                  ? repeat(left, right)
                  : Numbers.isInteger(left) ? repeat(right, left) : null;
          default -> null;
        };
    if (result == null) {
      throw new TemplateException(
          Kind.TYPE,
          "'"
              + operator
              + "' does not work between "
              + Types.name(left)
              + " and "
              + Types.name(right));
    }
    return result;
  }

  private Object join(Object left, Object right) {
    String a = Types.text(left);
    String b = Types.text(right);
    if (a != null && b != null) {
      budget.text(a.length() + b.length());
      if (left instanceof String && right instanceof String) {
        return a + b;
      }
      return new Markup(escaped(left) + escaped(right));
    }
    if (left instanceof List<?> x && right instanceof List<?> y) {
      return joinLists(x, y);
    }
    if (left instanceof Tuple x && right instanceof Tuple y) {
      return Tuple.of(joinLists(x.items(), y.items()));
    }
    return null;
  }

  private List<Object> joinLists(List<?> a, List<?> b) {
    budget.items(a.size() + b.size());
    List<Object> joined = new ArrayList<>(a.size() + b.size());
    joined.addAll(a);
    joined.addAll(b);
    return joined;
  }

  /** A text's HTML form; text marked as such stays. */
  static String escaped(Object text) {
    return text instanceof Markup markup ? markup.text() : Text.escapeHtml((String) text);
  }

  private Object repeat(Object sequence, Object times) {
    BigInteger wanted = Numbers.big(times).max(BigInteger.ZERO);
    long count = wanted.bitLength() < Long.SIZE ? wanted.longValue() : Long.MAX_VALUE;
    return switch (sequence) {
      case String s -> repeat(s, count);
      case Markup m -> new Markup(repeat(m.text(), count));
      case List<?> list -> repeat(list, count);
      case Tuple tuple -> Tuple.of(repeat(tuple.items(), count));
      case null, default -> null;
    };
  }

  private String repeat(String text, long count) {
    return text.isEmpty() ? "" : text.repeat(affordable(text.length(), count, 1));
  }

  private List<Object> repeat(List<?> list, long count) {
    int times = list.isEmpty() ? 0 : affordable(list.size(), count, 4);
    List<Object> out = new ArrayList<>(list.size() * times);
    for (int i = 0; i < times; i++) {
      out.addAll(list);
    }
    return out;
  }

  private int affordable(int size, long count, int cost) {
    long most = Long.MAX_VALUE / 16 / size;
    budget.text(Math.min(count, most) * size * cost);
    return (int) count;
  }

  /** {@code -operand} or {@code +operand}. */
  Object sign(boolean negative, Object operand) {
    define(operand);
    if (!Numbers.isNumber(operand)) {
      throw new TemplateException(
          Kind.TYPE, "a value of type " + Types.name(operand) + " cannot have a sign");
    }
    return negative ? Numbers.negate(operand) : Numbers.plain(operand);
  }

  /** {@code left operator right} for {@code == != < <= > >= in}, {@code not in}. */
  boolean compare(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> equal(left, right);
      case "!=" -> !equal(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      default -> ordered(operator, left, right);
    };
  }

  /** Python's {@code ==}. */
  boolean equal(Object a, Object b) {
    budget.work(1);
    if (a instanceof Undefined || b instanceof Undefined) {
      permit(a);
      permit(b);
      return a instanceof Undefined && b instanceof Undefined;
    }
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      return !Numbers.isNan(a) && !Numbers.isNan(b) && Numbers.compare(a, b) == 0;
    }
    String text = Types.text(a);
    if (text != null) {
      budget.work(Types.weight(a));
      return text.equals(Types.text(b));
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      return equalItems(x, y);
    }
    if (a instanceof Tuple x && b instanceof Tuple y) {
      return equalItems(x.items(), y.items());
    }
    if (a instanceof Dict x && b instanceof Dict y) {
      return equalDicts(x, y);
    }
    return Objects.equals(a, b);
  }

  private static void permit(Object value) {
    if (value instanceof Undefined undefined) {
      undefined.permit();
    }
  }

  private boolean equalItems(List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!sameOrEqual(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean equalDicts(Dict a, Dict b) {
    if (a.size() != b.size()) {
      return false;
    }
    for (Dict.Entry entry : a.entries()) {
      budget.work(1);
      Dict.Entry other = b.find(entry.key());
      if (other == null || !sameOrEqual(entry.value(), other.value())) {
        return false;
      }
    }
    return true;
  }

  /** How containers compare their items: what is the same object needs no second look. */
  @SuppressWarnings("ReferenceEquality")
  private boolean sameOrEqual(Object a, Object b) {
    return a == b || equal(a, b);
  }

  /** Python's {@code item in container}. */
  boolean contains(Object container, Object item) {
    budget.work(1 + Types.weight(container));
    String text = Types.text(container);
    if (text != null) {
      String part = Types.text(item);
      if (part == null) {
        throw new TemplateException(
            Kind.TYPE, "only text can be in text, but the left side is a " + Types.name(item));
      }
      return Search.first(text, part, 0) >= 0;
    }
    if (container instanceof Dict dict) {
      return dict.find(item) != null;
    }
    if (container instanceof DictView view && view.part() == DictView.Part.KEYS) {
      return view.dict().find(item) != null;
    }
    if (container instanceof Undefined undefined) {
      undefined.permit();
      return false;
    }
    Iterator<Object> items = Types.iterate(container);
    while (items.hasNext()) {
      if (sameOrEqual(items.next(), item)) {
        return true;
      }
    }
    return false;
  }

  private boolean ordered(String operator, Object a, Object b) {
    define(a);
    define(b);
    budget.work(1 + Math.min(Types.weight(a), Types.weight(b)));
    int order;
    if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
      if (Numbers.isNan(a) || Numbers.isNan(b)) {
        return false;
      }
      order = Numbers.compare(a, b);
    } else if (Types.text(a) != null && Types.text(b) != null) {
      order = Text.compare(Types.text(a), Types.text(b));
    } else if (a instanceof List<?> x && b instanceof List<?> y) {
      return orderedItems(operator, x, y);
    } else if (a instanceof Tuple x && b instanceof Tuple y) {
      return orderedItems(operator, x.items(), y.items());
    } else {
      throw new TemplateException(
          Kind.TYPE,
          "'" + operator + "' does not work between " + Types.name(a) + " and " + Types.name(b));
    }
    return holds(operator, order);
  }

  private boolean orderedItems(String operator, List<?> a, List<?> b) {
    int common = Math.min(a.size(), b.size());
    for (int i = 0; i < common; i++) {
      if (!sameOrEqual(a.get(i), b.get(i))) {
        return ordered(operator, a.get(i), b.get(i));
      }
    }
    return holds(operator, Integer.compare(a.size(), b.size()));
  }

  private static boolean holds(String operator, int order) {
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> throw new IllegalArgumentException("no operator " + operator);
    };
  }

  private static void define(Object value) {
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
  }

  /** A value with the key it is sorted by. */
  record Keyed(Object key, Object value) {}

  /**
   * Python's stable sort, which asks only whether one key is less than another, so that keys
   * without an order (NaN) cannot upset it.
   *
   * @param reverse largest first; equal keys keep their order
   */
  List<Object> sorted(List<Keyed> items, boolean reverse) {
    budget.items(items.size());
    List<Keyed> work = new ArrayList<>(items);
    if (reverse) {
      Collections.reverse(work);
    }
    mergeSort(work, new ArrayList<>(work), 0, work.size());
    if (reverse) {
      Collections.reverse(work);
    }
    List<Object> values = new ArrayList<>(work.size());
    work.forEach(k -> values.add(k.value()));
    return values;
  }

  private void mergeSort(List<Keyed> items, List<Keyed> spare, int from, int to) {
    if (to - from < 2) {
      return;
    }
    int middle = (from + to) >>> 1;
    mergeSort(items, spare, from, middle);
    mergeSort(items, spare, middle, to);
    int left = from;
    int right = middle;
    for (int i = from; i < to; i++) {
      boolean takeRight =
          left == middle
              || (right < to && ordered("<", items.get(right).key(), items.get(left).key()));
      spare.set(i, items.get(takeRight ? right++ : left++));
    }
    for (int i = from; i < to; i++) {
      items.set(i, spare.get(i));
    }
  }
}
