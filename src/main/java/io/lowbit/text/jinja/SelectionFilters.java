// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** Filters that apply another filter, a test or an attribute to each item. */
final class SelectionFilters {
  static final List<Builtin> ALL =
      List.of(
          Builtin.of("map *", SelectionFilters::map),
          Builtin.of("select *", c -> choose(c, false, true)),
          Builtin.of("reject *", c -> choose(c, false, false)),
          Builtin.of("selectattr *", c -> choose(c, true, true)),
          Builtin.of("rejectattr *", c -> choose(c, true, false)));

  private SelectionFilters() {}

  /** Nothing at all is set up where there is nothing to go through. */
  private static Generator lazily(Invocation c, Function<Iterator<Object>, Lookahead> setUp) {
    if (!Types.truth(c.self())) {
      return new Generator(c.name(), Collections.emptyIterator());
    }
    return new Generator(
        c.name(),
        new Lookahead() {
          private Lookahead items;

          @Override
          boolean advance() {
            if (items == null) {
              items = setUp.apply(c.iterate(c.self()));
            }
            boolean more = items.advance();
            found(items.last());
            return more;
          }
        });
  }

  private static Object map(Invocation c) {
    return lazily(
        c,
        source -> {
          Function<Object, Object> function = mapping(c);
          return new Lookahead() {
            @Override
            boolean advance() {
              if (!source.hasNext()) {
                return false;
              }
              found(function.apply(source.next()));
              return true;
            }
          };
        });
  }

  private static Function<Object, Object> mapping(Invocation c) {
    Arguments arguments = c.arguments();
    Map<String, Object> named = arguments.named();
    if (arguments.positional().isEmpty() && named.containsKey("attribute")) {
      if (named.size() > (named.containsKey("default") ? 2 : 1)) {
        throw new TemplateException(
            Kind.RUNTIME, "'map' over an attribute takes 'default' and nothing else");
      }
      AttributePath path = AttributePath.of(named.get("attribute"), c);
      return path.orElse(named.get("default"))::get;
    }
    if (arguments.positional().isEmpty()) {
      throw new TemplateException(Kind.RUNTIME, "'map' needs the name of a filter");
    }
    String name = c.str(arguments.positional().getFirst());
    Builtin filter = c.evaluator().filter(name);
    return item -> filter.apply(c.evaluator(), item, arguments.from(1));
  }

  private static Object choose(Invocation c, boolean byAttribute, boolean wanted) {
    return lazily(
        c,
        source -> {
          Predicate<Object> test = test(c, byAttribute);
          return new Lookahead() {
            @Override
            boolean advance() {
              while (source.hasNext()) {
                Object item = source.next();
                if (test.test(item) == wanted) {
                  found(item);
                  return true;
                }
              }
              return false;
            }
          };
        });
  }

  private static Predicate<Object> test(Invocation c, boolean byAttribute) {
    List<Object> positional = c.arguments().positional();
    if (byAttribute && positional.isEmpty()) {
      throw new TemplateException(
          Kind.RUNTIME, "'" + c.name() + "' needs the name of an attribute");
    }
    AttributePath path = AttributePath.of(byAttribute ? positional.getFirst() : null, c);
    int testAt = byAttribute ? 1 : 0;
    if (positional.size() <= testAt) {
      return item -> Types.truth(path.get(item));
    }
    Builtin test = c.evaluator().test(c.str(positional.get(testAt)));
    Arguments arguments = c.arguments().from(testAt + 1);
    return item -> Types.truth(test.apply(c.evaluator(), path.get(item), arguments));
  }
}
