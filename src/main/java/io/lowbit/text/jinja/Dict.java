// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A mapping in order of insertion. Keys that are equal in Python (1, 1.0, True) are one key. */
final class Dict {
  private static final int MAX_KEY_PARTS = 10_000;

  /** A key as it was first given, and its value. */
  record Entry(Object key, Object value) {}

  private final Map<Object, Entry> entries = new LinkedHashMap<>();

  /** The entry of a key, or null. */
  Entry find(Object key) {
    return entries.get(canonical(key));
  }

  void put(Object key, Object value) {
    Object canonical = canonical(key);
    Entry old = entries.get(canonical);
    entries.put(canonical, new Entry(old == null ? key : old.key(), value));
  }

  /** Removes a key and returns its entry, or null. */
  Entry remove(Object key) {
    return entries.remove(canonical(key));
  }

  void clear() {
    entries.clear();
  }

  int size() {
    return entries.size();
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  List<Object> keys() {
    List<Object> keys = new ArrayList<>(size());
    entries().forEach(e -> keys.add(e.key()));
    return keys;
  }

  List<Object> values() {
    List<Object> values = new ArrayList<>(size());
    entries().forEach(e -> values.add(e.value()));
    return values;
  }

  List<Object> pairs() {
    List<Object> pairs = new ArrayList<>(size());
    entries().forEach(e -> pairs.add(Tuple.of(e.key(), e.value())));
    return pairs;
  }

  Dict copy() {
    Dict copy = new Dict();
    copy.entries.putAll(entries);
    return copy;
  }

  /** One form for all keys that are equal; fails for values that can change. */
  static Object canonical(Object key) {
    return canonical(key, new int[] {MAX_KEY_PARTS});
  }

  private static Object canonical(Object key, int[] partsLeft) {
    if (--partsLeft[0] < 0) {
      throw new TemplateException(
          Kind.LIMIT, "a key of a mapping has more than " + MAX_KEY_PARTS + " parts");
    }
    return switch (key) {
      case null -> null;
      case Boolean b -> b ? 1L : 0L;
      case Double d -> wholeOrSame(d);
      case Markup markup -> markup.text();
      case Tuple tuple -> {
        List<Object> parts = new ArrayList<>(tuple.items().size());
        tuple.items().forEach(i -> parts.add(canonical(i, partsLeft)));
        yield parts;
      }
      case Undefined undefined -> {
        undefined.permit();
        yield Undefined.class;
      }
      case List<?> list -> throw unhashable(list);
      case Dict dict -> throw unhashable(dict);
      case DictView view -> throw unhashable(view);
      default -> key;
    };
  }

  private static Object wholeOrSame(double d) {
    if (d == Math.rint(d) && !Double.isInfinite(d)) {
      return Math.abs(d) < 0x1p62 ? (Object) (long) d : Numbers.exact(d);
    }
    return d;
  }

  private static TemplateException unhashable(Object key) {
    return new TemplateException(
        Kind.TYPE, "a " + Types.name(key) + " can change and so cannot be a key");
  }
}
