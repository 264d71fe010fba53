// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Filters on sequences that order, group, join or sum up. */
final class SequenceFilters {
  static final List<Builtin> ALL =
      List.of(
          Builtin.of("length", c -> (long) Types.length(c.self())),
          Builtin.of("list", c -> c.list(c.self())),
          Builtin.of("first", SequenceFilters::first),
          Builtin.of("last", SequenceFilters::last),
          Builtin.of("join d? attribute?", SequenceFilters::join),
          Builtin.of("reverse", SequenceFilters::reverse),
          Builtin.of("items", SequenceFilters::items),
          Builtin.of("sort reverse? case_sensitive? attribute?", SequenceFilters::sort),
          Builtin.of("dictsort case_sensitive? by? reverse?", SequenceFilters::sortDict),
          Builtin.of("unique case_sensitive? attribute?", SequenceFilters::unique),
          Builtin.of("groupby attribute default? case_sensitive?", SequenceFilters::group),
          Builtin.of("min case_sensitive? attribute?", c -> extreme(c, "<")),
          Builtin.of("max case_sensitive? attribute?", c -> extreme(c, ">")),
          Builtin.of("sum attribute? start?", SequenceFilters::sum),
          Builtin.of("batch linecount fill_with?", SequenceFilters::batch),
          Builtin.of("slice slices fill_with?", SequenceFilters::slice));

  private SequenceFilters() {}

  private static Object first(Invocation c) {
    Iterator<Object> items = c.iterate(c.self());
    return items.hasNext() ? items.next() : c.undefined("the first item of nothing is undefined");
  }

  private static Object last(Invocation c) {
    if (c.self() instanceof Generator) {
      throw c.wrong("needs a sequence; make one with 'list'");
    }
    List<Object> items = c.list(c.self());
    return items.isEmpty() ? c.undefined("the last item of nothing is undefined") : items.getLast();
  }

  private static Object join(Invocation c) {
    String separator = c.has(0) ? c.str(0) : "";
    AttributePath path = AttributePath.of(c.hasValue(1) ? c.get(1) : null, c);
    boolean escaping = c.evaluator().escaping();
    StringBuilder out = new StringBuilder();
    String between = "";
    Iterator<Object> items = c.iterate(c.self());
    while (items.hasNext()) {
      Object item = path.get(items.next());
      String text = c.str(item);
      c.budget().text(text.length() + between.length());
      boolean escape = escaping && !(item instanceof Markup);
      out.append(between).append(escape ? Text.escapeHtml(text) : text);
      between = separator;
    }
    return escaping ? new Markup(out.toString()) : out.toString();
  }

  private static Object reverse(Invocation c) {
    String text = Types.text(c.self());
    if (text != null) {
      return c.like(new StringBuilder(text).reverse().toString());
    }
    if (!Types.isIterable(c.self())) {
      throw new TemplateException(Kind.RUNTIME, "'reverse' needs something to iterate over");
    }
    List<Object> items = c.list(c.self());
    Collections.reverse(items);
    return c.self() instanceof Generator ? items : new Generator("reverse", items.iterator());
  }

  private static Object items(Invocation c) {
    if (c.self() instanceof Undefined) {
      return new Generator("items", Collections.emptyIterator());
    }
    Dict dict = c.requireDict();
    c.budget().items(dict.size());
    return new Generator("items", dict.pairs().iterator());
  }

  /** Text in lower case unless case matters; other keys as they are. */
  private static Object key(Object value, boolean caseSensitive) {
    String text = caseSensitive ? null : Types.text(value);
    return text == null ? value : Letters.lower(text);
  }

  private static Object sort(Invocation c) {
    List<AttributePath> paths = new ArrayList<>();
    if (c.hasValue(2) && Types.text(c.get(2)) != null) {
      for (String path : Types.text(c.get(2)).split(",", -1)) {
        paths.add(AttributePath.of(path, c));
      }
    } else {
      paths.add(AttributePath.of(c.hasValue(2) ? c.get(2) : null, c));
    }
    List<Operators.Keyed> keyed = new ArrayList<>();
    Iterator<Object> items = c.iterate(c.self());
    while (items.hasNext()) {
      Object item = items.next();
      List<Object> key = new ArrayList<>();
      paths.forEach(path -> key.add(key(path.get(item), c.truth(1))));
      keyed.add(new Operators.Keyed(key, item));
    }
    return c.operators().sorted(keyed, c.truth(0));
  }

  private static Object sortDict(Invocation c) {
    Dict dict = c.requireDict();
    Object by = c.get(1, "key");
    if (!"key".equals(by) && !"value".equals(by)) {
      throw new TemplateException(Kind.RUNTIME, "'dictsort' sorts by 'key' or by 'value'");
    }
    List<Operators.Keyed> keyed = new ArrayList<>();
    for (Dict.Entry entry : dict.entries()) {
      Object key = key("key".equals(by) ? entry.key() : entry.value(), c.truth(0));
      keyed.add(new Operators.Keyed(key, Tuple.of(entry.key(), entry.value())));
    }
    return c.operators().sorted(keyed, c.truth(2));
  }

  private static Object unique(Invocation c) {
    AttributePath path = AttributePath.of(c.hasValue(1) ? c.get(1) : null, c);
    Dict seen = new Dict();
    Iterator<Object> source = c.iterate(c.self());
    return new Generator(
        "unique",
        new Lookahead() {
          @Override
          boolean advance() {
            while (source.hasNext()) {
              Object item = source.next();
              Object key = key(path.get(item), c.truth(0));
              if (seen.find(key) == null) {
                seen.put(key, true);
                found(item);
                return true;
              }
            }
            return false;
          }
        });
  }

  private static Object group(Invocation c) {
    AttributePath path = AttributePath.of(c.get(0), c).orElse(c.get(1, null));
    List<Operators.Keyed> keyed = new ArrayList<>();
    Iterator<Object> items = c.iterate(c.self());
    while (items.hasNext()) {
      Object item = items.next();
      Object key = key(path.get(item), c.truth(2));
      keyed.add(new Operators.Keyed(key, new Operators.Keyed(key, item)));
    }
    List<Object> groups = new ArrayList<>();
    Object current = null;
    List<Object> members = null;
    for (Object sorted : c.operators().sorted(keyed, false)) {
      Operators.Keyed next = (Operators.Keyed) sorted;
      if (members == null || !c.operators().equal(current, next.key())) {
        members = new ArrayList<>();
        current = next.key();
        Object shown = c.truth(2) ? current : path.get(next.value());
        groups.add(new Tuple(Tuple.of(shown, members).items(), List.of("grouper", "list")));
      }
      members.add(next.value());
    }
    return groups;
  }

  private static Object extreme(Invocation c, String operator) {
    AttributePath path = AttributePath.of(c.hasValue(1) ? c.get(1) : null, c);
    Iterator<Object> items = c.iterate(c.self());
    if (!items.hasNext()) {
      return c.undefined("'" + c.name() + "' of nothing is undefined");
    }
    Object best = items.next();
    Object bestKey = key(path.get(best), c.truth(0));
    while (items.hasNext()) {
      Object item = items.next();
      Object key = key(path.get(item), c.truth(0));
      if (c.operators().compare(operator, key, bestKey)) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private static Object sum(Invocation c) {
    AttributePath path = AttributePath.of(c.hasValue(0) ? c.get(0) : null, c);
    Object sum = c.get(1, 0L);
    if (Types.text(sum) != null) {
      throw c.wrong("cannot add up text; use 'join'");
    }
    Iterator<Object> items = c.iterate(c.self());
    while (items.hasNext()) {
      sum = c.operators().arithmetic("+", sum, path.get(items.next()));
    }
    return sum;
  }

  private static Object batch(Invocation c) {
    long size = c.integer(0, 0);
    if (size < 1) {
      throw new TemplateException(Kind.VALUE, "'batch' needs rows of at least one item");
    }
    Iterator<Object> source = c.iterate(c.self());
    return new Generator(
        "batch",
        new Lookahead() {
          @Override
          boolean advance() {
            List<Object> row = new ArrayList<>();
            while (source.hasNext() && row.size() < size) {
              row.add(source.next());
            }
            if (c.hasValue(1) && !row.isEmpty() && row.size() < size) {
              c.budget().items(size - row.size());
              row.addAll(Collections.nCopies((int) size - row.size(), c.get(1)));
            }
            found(row);
            return !row.isEmpty();
          }
        });
  }

  private static Object slice(Invocation c) {
    long slices = c.integer(0, 0);
    if (slices == 0) {
      throw new TemplateException(Kind.ZERO_DIVISION, "'slice' into 0 parts");
    }
    List<Object> items = c.list(c.self());
    c.budget().items(slices);
    long each = Math.floorDiv(items.size(), slices);
    long extra = Math.floorMod(items.size(), slices);
    List<Object> rows = new ArrayList<>();
    int start = 0;
    for (long i = 0; i < slices; i++) {
      int end = (int) (start + each + (i < extra ? 1 : 0));
      List<Object> row = new ArrayList<>(items.subList(start, end));
      if (c.hasValue(1) && i >= extra) {
        row.add(c.get(1));
      }
      rows.add(row);
      start = end;
    }
    return new Generator("slice", rows.iterator());
  }
}
