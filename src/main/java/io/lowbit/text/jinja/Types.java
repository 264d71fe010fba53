// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What all values have in common. A value is null (none), {@code Boolean}, {@code Long}, {@code
 * BigInteger}, {@code Double}, {@code String}, {@link Markup}, {@code List}, {@link Tuple}, {@link
 * Dict}, {@link DictView}, {@link Range}, {@link Generator}, {@link Undefined}, or something with
 * attributes ({@link Attributed}) or that can be called ({@link Callee}).
 */
final class Types {
  private Types() {}

  /** Python's name of the value's type. */
  static String name(Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean b -> "bool";
      case Long l -> "int";
      case BigInteger b -> "int";
      case Double d -> "float";
      case String s -> "str";
      case Markup m -> "Markup";
      case List<?> l -> "list";
      case Tuple t -> "tuple";
      case Dict d -> "dict";
      case DictView v -> "dict_" + v.part().name().toLowerCase(Locale.ROOT);
      case Range r -> "range";
      case Generator g -> "generator";
      case Undefined u -> "Undefined";
      case Namespace n -> "Namespace";
      case Macro m -> "Macro";
      case Loop l -> "LoopContext";
      case Callee c -> "function";
      default -> value.getClass().getSimpleName();
    };
  }

  /** How messages about missing attributes call the value. */
  static String owner(Object value) {
    return value == null ? "None" : name(value) + " object";
  }

  /** The text of a text value, or null. */
  static String text(Object value) {
    return switch (value) {
      case String s -> s;
      case Markup m -> m.text();
      case null, default -> null;
    };
  }

  /** Python's truth value. */
  static boolean truth(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean b -> b;
      case Long l -> l != 0;
      case BigInteger b -> true;
      case Double d -> d != 0;
      case Undefined undefined -> {
        undefined.permit();
        yield false;
      }
      default -> !isSized(value) || length(value) > 0;
    };
  }

  private static boolean isSized(Object value) {
    return value instanceof String
        || value instanceof Markup
        || value instanceof List
        || value instanceof Tuple
        || value instanceof Dict
        || value instanceof DictView
        || value instanceof Range;
  }

  /** Number of items or code points. */
  static int length(Object value) {
    return switch (value) {
      case String s -> Text.length(s);
      case Markup m -> Text.length(m.text());
      case List<?> list -> list.size();
      case Tuple tuple -> tuple.items().size();
      case Dict dict -> dict.size();
      case DictView view -> view.dict().size();
      case Range range -> range.size();
      case Loop loop -> loop.length();
      case Undefined undefined -> {
        undefined.permit();
        yield 0;
      }
      case null, default ->
          throw new TemplateException(
              Kind.TYPE, "a value of type " + name(value) + " has no length");
    };
  }

  /** A rough number of steps that going through a value takes, known without going through it. */
  static long weight(Object value) {
    return switch (value) {
      case String s -> s.length() / 8;
      case Markup m -> m.text().length() / 8;
      case List<?> list -> list.size() / 4;
      case Tuple tuple -> tuple.items().size() / 4;
      case Dict dict -> dict.size() / 4;
      case DictView view -> view.dict().size();
      case BigInteger b -> b.bitLength() / 16;
      case null, default -> 0;
    };
  }

  static boolean isIterable(Object value) {
    return switch (value) {
      case String s -> true;
      case Markup m -> true;
      case List<?> l -> true;
      case Tuple t -> true;
      case Dict d -> true;
      case DictView v -> true;
      case Range r -> true;
      case Generator g -> true;
      case Loop l -> true;
      case Undefined undefined -> {
        undefined.permit();
        yield true;
      }
      case null, default -> false;
    };
  }

  /** The items of a value; a list that grows meanwhile is followed, as in Python. */
  static Iterator<Object> iterate(Object value) {
    return switch (value) {
      case String s -> Text.characters(s).iterator();
      case Markup m -> Text.characters(m.text()).iterator();
      case List<?> list -> new Walk(list);
      case Tuple tuple -> new Walk(tuple.items());
      case Dict dict -> dict.keys().iterator();
      case DictView view -> view.toList().iterator();
      case Range range -> indexed(range.size(), range::get);
      case Generator generator -> generator.items();
      case Undefined undefined -> {
        undefined.permit();
        yield List.of().iterator();
      }
      case null, default ->
          throw new TemplateException(
              Kind.TYPE, "a value of type " + name(value) + " cannot be iterated over");
    };
  }

  private static Iterator<Object> indexed(int size, IntFunction<Object> item) {
    return IntStream.range(0, size).mapToObj(item).iterator();
  }

  private static final class Walk implements Iterator<Object> {
    private final List<?> list;
    private int next;

    Walk(List<?> list) {
      this.list = list;
    }

    @Override
    public boolean hasNext() {
      return next < list.size();
    }

    @Override
    public Object next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return list.get(next++);
    }
  }
}
