// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Options.Dialect;
import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The functions a template finds without being given them. */
final class Globals {
  private static final List<Builtin> COMMON =
      List.of(
          Builtin.of("range *", Globals::range),
          Builtin.of("dict *", c -> fill(new Dict(), c)),
          Builtin.of("namespace *", c -> new Namespace(fill(new Dict(), c))),
          Builtin.of("cycler *", c -> new Cycler(c.arguments().positional())),
          Builtin.of("joiner sep?", c -> new Joiner(c.get(0, ", "))),
          Builtin.of(
              "lipsum *",
              c -> {
                throw new TemplateException(
                    Kind.RUNTIME, "'lipsum' is refused: a prompt must be the same each time");
              }));

  private static final List<Builtin> CHAT =
      List.of(
          Builtin.of(
              "raise_exception message",
              c -> {
                throw new TemplateException(Kind.RAISED, c.str(0));
              }),
          Builtin.of(
              "strftime_now format",
              c -> TimeFormat.format(c.requireText(c.get(0)), c.evaluator().now(), c.budget())));

  private Globals() {}

  /** A function as a value. */
  private record Global(Builtin builtin) implements Callee {
    @Override
    public Object call(Evaluator evaluator, Arguments arguments) {
      return builtin.apply(evaluator, null, arguments);
    }

    @Override
    public String describe() {
      return "<function " + builtin.name() + ">";
    }
  }

  /** The global functions of a dialect, by name. */
  static Map<String, Object> of(Dialect dialect) {
    Map<String, Object> globals = new HashMap<>();
    COMMON.forEach(b -> globals.put(b.name(), new Global(b)));
    if (dialect == Dialect.CHAT) {
      CHAT.forEach(b -> globals.put(b.name(), new Global(b)));
    }
    return Map.copyOf(globals);
  }

  private static Object range(Invocation c) {
    List<Object> bounds = c.arguments().positional();
    if (bounds.isEmpty() || bounds.size() > 3 || !c.arguments().named().isEmpty()) {
      throw c.wrong("takes one to three integers");
    }
    BigInteger first = integer(c, bounds.get(0));
    BigInteger start = bounds.size() == 1 ? BigInteger.ZERO : first;
    BigInteger stop = bounds.size() == 1 ? first : integer(c, bounds.get(1));
    BigInteger step = bounds.size() < 3 ? BigInteger.ONE : integer(c, bounds.get(2));
    if (step.signum() == 0) {
      throw new TemplateException(Kind.VALUE, "the step of a range cannot be zero");
    }
    BigInteger span = step.signum() > 0 ? stop.subtract(start) : start.subtract(stop);
    BigInteger width = step.abs();
    BigInteger size = span.add(width).subtract(BigInteger.ONE).divide(width).max(BigInteger.ZERO);
    boolean fits = start.bitLength() < 62 && stop.bitLength() < 62 && step.bitLength() < 62;
    if (!fits || size.compareTo(BigInteger.valueOf(Budget.MAX_RANGE)) > 0) {
      throw Numbers.overflow(
          "a range has more than " + Budget.MAX_RANGE + " numbers; the template is refused");
    }
    return new Range(start.longValue(), stop.longValue(), step.longValue(), size.intValue());
  }

  private static BigInteger integer(Invocation c, Object value) {
    if (!Numbers.isInteger(value)) {
      throw c.needs("integers", value);
    }
    return Numbers.big(value);
  }

  /** Adds to a mapping what {@code dict(...)} takes: a mapping or pairs, and named values. */
  static Dict fill(Dict dict, Invocation c) {
    List<Object> positional = c.arguments().positional();
    if (positional.size() > 1) {
      throw c.wrong("takes at most one positional argument");
    }
    c.budget().items(c.arguments().named().size());
    if (!positional.isEmpty()) {
      if (positional.getFirst() instanceof Dict other) {
        c.budget().items(other.size());
        List.copyOf(other.entries()).forEach(e -> dict.put(e.key(), e.value()));
      } else {
        fillPairs(dict, positional.getFirst(), c);
      }
    }
    c.arguments().named().forEach(dict::put);
    return dict;
  }

  private static void fillPairs(Dict dict, Object pairs, Invocation c) {
    Iterator<Object> items = c.iterate(pairs);
    while (items.hasNext()) {
      List<Object> pair = c.list(items.next());
      if (pair.size() != 2) {
        throw new TemplateException(
            Kind.VALUE, "'" + c.name() + "' takes pairs, not " + pair.size() + " values");
      }
      dict.put(pair.getFirst(), pair.getLast());
    }
  }

  /** {@code cycler(a, b)}: gives its items in turn. */
  private static final class Cycler implements Attributed {
    private final List<Object> items;
    private int position;

    Cycler(List<Object> items) {
      if (items.isEmpty()) {
        throw new TemplateException(Kind.RUNTIME, "'cycler' needs at least one item");
      }
      this.items = items;
    }

    @Override
    public Object attribute(String name) {
      return switch (name) {
        case "current" -> items.get(position);
        case "pos" -> (long) position;
        case "items" -> Tuple.of(items);
        case "next" -> new Global(Builtin.of("next", c -> next()));
        case "reset" ->
            new Global(
                Builtin.of(
                    "reset",
                    c -> {
                      position = 0;
                      return null;
                    }));
        default -> ABSENT;
      };
    }

    private Object next() {
      Object item = items.get(position);
      position = (position + 1) % items.size();
      return item;
    }
  }

  /** {@code joiner(sep)}: nothing the first time, then the separator. */
  private static final class Joiner implements Callee {
    private final Object separator;
    private boolean used;

    Joiner(Object separator) {
      this.separator = separator;
    }

    @Override
    public Object call(Evaluator evaluator, Arguments arguments) {
      Object result = used ? separator : "";
      used = true;
      return result;
    }

    @Override
    public String describe() {
      return "<Joiner>";
    }
  }
}
