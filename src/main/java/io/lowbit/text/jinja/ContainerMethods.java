// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods of lists, tuples and mappings. */
final class ContainerMethods {
  private static final Map<String, Builtin> SEQUENCE =
      table(
          Builtin.of("count value", ContainerMethods::count),
          Builtin.of("index value start? stop?", ContainerMethods::index));

  private static final Map<String, Builtin> LIST =
      table(
          Builtin.of("copy", c -> c.list(c.self())),
          Builtin.of("append object", c -> changed(c, l -> l.add(c.get(0)))),
          Builtin.of("extend iterable", c -> changed(c, l -> l.addAll(c.list(c.get(0))))),
          Builtin.of("insert index object", ContainerMethods::insert),
          Builtin.of("pop index?", ContainerMethods::pop),
          Builtin.of("remove value", ContainerMethods::remove),
          Builtin.of("clear", c -> changed(c, List::clear)),
          Builtin.of("reverse", ContainerMethods::reverse),
          Builtin.of("sort reverse?", ContainerMethods::sort));

  private static final Map<String, Builtin> DICT =
      table(
          Builtin.of("get key default?", c -> found(c, c.get(1, null))),
          Builtin.of("items", c -> new DictView(DictView.Part.ITEMS, dict(c))),
          Builtin.of("keys", c -> new DictView(DictView.Part.KEYS, dict(c))),
          Builtin.of("values", c -> new DictView(DictView.Part.VALUES, dict(c))),
          Builtin.of("copy", c -> copy(c)),
          Builtin.of("clear", ContainerMethods::clear),
          Builtin.of("pop key default?", ContainerMethods::popKey),
          Builtin.of("popitem", ContainerMethods::popLast),
          Builtin.of("setdefault key default?", ContainerMethods::setDefault),
          Builtin.of("update *", ContainerMethods::update));

  private ContainerMethods() {}

  private static Map<String, Builtin> table(Builtin... methods) {
    return Stream.of(methods).collect(Collectors.toMap(Builtin::name, m -> m));
  }

  /** The method of a list, or null. */
  static Builtin ofList(String name) {
    return LIST.getOrDefault(name, SEQUENCE.get(name));
  }

  /** The method of a tuple, or null. */
  static Builtin ofTuple(String name) {
    return SEQUENCE.get(name);
  }

  /** The method of a mapping, or null. */
  static Builtin ofDict(String name) {
    return DICT.get(name);
  }

  private static List<?> sequence(Invocation c) {
    return c.self() instanceof Tuple tuple ? tuple.items() : (List<?>) c.self();
  }

  /** The list itself; all lists a template can reach are made by this interpreter and can grow. */
  @SuppressWarnings("unchecked")
  private static List<Object> list(Invocation c) {
    return (List<Object>) c.self();
  }

  private static Dict dict(Invocation c) {
    return (Dict) c.self();
  }

  private static Object count(Invocation c) {
    long count = 0;
    for (Object item : sequence(c)) {
      count += c.operators().equal(item, c.get(0)) ? 1 : 0;
    }
    return count;
  }

  private static Object index(Invocation c) {
    List<?> items = sequence(c);
    int stop = Slices.clamp(c.integer(2, items.size()), items.size());
    for (int i = Slices.clamp(c.integer(1, 0), items.size()); i < stop; i++) {
      if (c.operators().equal(items.get(i), c.get(0))) {
        return (long) i;
      }
    }
    throw new TemplateException(Kind.VALUE, "'index' looks for a value that is not in the list");
  }

  private static Object changed(Invocation c, Consumer<List<Object>> change) {
    c.budget().items(1);
    change.accept(list(c));
    return null;
  }

  private static Object insert(Invocation c) {
    c.budget().items(1);
    list(c).add(Slices.clamp(c.integer(0, 0), list(c).size()), c.get(1));
    return null;
  }

  private static Object pop(Invocation c) {
    int size = list(c).size();
    long index = c.integer(0, -1);
    long place = index < 0 ? index + size : index;
    if (place < 0 || place >= size) {
      throw new TemplateException(Kind.INDEX, "'pop' of item " + index + " of a list of " + size);
    }
    return list(c).remove((int) place);
  }

  private static Object remove(Invocation c) {
    Iterator<Object> items = list(c).iterator();
    while (items.hasNext()) {
      if (c.operators().equal(items.next(), c.get(0))) {
        items.remove();
        return null;
      }
    }
    throw new TemplateException(Kind.VALUE, "'remove' of a value that is not in the list");
  }

  private static Object reverse(Invocation c) {
    Collections.reverse(list(c));
    return null;
  }

  private static Object sort(Invocation c) {
    List<Operators.Keyed> keyed = new ArrayList<>();
    list(c).forEach(x -> keyed.add(new Operators.Keyed(x, x)));
    List<Object> sorted = c.operators().sorted(keyed, c.truth(0));
    Collections.copy(list(c), sorted);
    return null;
  }

  private static Object found(Invocation c, Object fallback) {
    Dict.Entry entry = dict(c).find(c.get(0));
    return entry == null ? fallback : entry.value();
  }

  private static Object copy(Invocation c) {
    c.budget().items(dict(c).size());
    return dict(c).copy();
  }

  private static Object clear(Invocation c) {
    dict(c).clear();
    return null;
  }

  private static Object popKey(Invocation c) {
    Dict.Entry entry = dict(c).remove(c.get(0));
    if (entry == null && !c.has(1)) {
      throw new TemplateException(Kind.KEY, "'pop' of a key that the mapping does not have");
    }
    return entry == null ? c.get(1) : entry.value();
  }

  private static Object popLast(Invocation c) {
    if (dict(c).size() == 0) {
      throw new TemplateException(Kind.KEY, "'popitem' of an empty mapping");
    }
    Object key = dict(c).keys().getLast();
    return Tuple.of(key, dict(c).remove(key).value());
  }

  private static Object setDefault(Invocation c) {
    Dict.Entry entry = dict(c).find(c.get(0));
    if (entry != null) {
      return entry.value();
    }
    c.budget().items(1);
    dict(c).put(c.get(0), c.get(1, null));
    return c.get(1, null);
  }

  private static Object update(Invocation c) {
    Globals.fill(dict(c), c);
    return null;
  }
}
