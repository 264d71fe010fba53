// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Options.Dialect;
import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;

/** Filters on numbers and on values of any type. */
final class ValueFilters {
  private static final int PRETTY_WIDTH = 80;

  static final List<Builtin> ALL =
      List.of(
          Builtin.of("default default_value? boolean?", ValueFilters::orDefault),
          Builtin.of("attr name", c -> c.evaluator().attributes().own(c.self(), c.str(0))),
          Builtin.of("abs", ValueFilters::abs),
          Builtin.of("int default? base?", ValueFilters::toInteger),
          Builtin.of("float default?", ValueFilters::toFloat),
          Builtin.of("round precision? method?", ValueFilters::round),
          Builtin.of("filesizeformat binary?", ValueFilters::fileSize),
          Builtin.of("pprint", ValueFilters::pretty),
          Builtin.of(
              "random",
              c -> {
                throw new TemplateException(
                    Kind.RUNTIME, "'random' is refused: a prompt must be the same each time");
              }));

  private ValueFilters() {}

  /** Filters that are different in each dialect. */
  static List<Builtin> of(Dialect dialect) {
    return switch (dialect) {
      case CHAT ->
          List.of(
              Builtin.of(
                  "tojson ensure_ascii? indent? separators? sort_keys?", ValueFilters::chatJson));
      case PLAIN -> List.of(Builtin.of("tojson indent?", ValueFilters::htmlJson));
      case HARNESS ->
          List.of(
              Builtin.of("tojson indent?", ValueFilters::htmlJson),
              Builtin.of("regex_replace pattern repl count?", PythonRegex::replace));
    };
  }

  private static Object orDefault(Invocation c) {
    boolean replaced = c.self() instanceof Undefined || (c.truth(1) && !Types.truth(c.self()));
    return replaced ? c.get(0, "") : c.self();
  }

  private static Object number(Invocation c) {
    if (!Numbers.isNumber(c.self())) {
      throw c.needs("a number", c.self());
    }
    return c.self();
  }

  private static Object abs(Invocation c) {
    Object number = number(c);
    return number instanceof Double d
        ? (Object) Math.abs(d)
        : Numbers.of(Numbers.big(number).abs());
  }

  private static Object toInteger(Invocation c) {
    Object fallback = c.get(0, 0L);
    Object value = c.self();
    String text = Types.text(value);
    if (text != null) {
      long base = c.integer(1, 10);
      boolean valid = base == 0 || (base >= 2 && base <= Character.MAX_RADIX);
      Object parsed = valid ? Numbers.parseInteger(text, base) : null;
      Double real = parsed == null ? Numbers.parseFloat(text) : null;
      if (parsed != null) {
        return parsed;
      }
      return real != null && Double.isFinite(real) ? Numbers.exact(real) : fallback;
    }
    if (value instanceof Undefined undefined) {
      throw undefined.failure();
    }
    if (!(value instanceof Double d)) {
      return Numbers.isInteger(value) ? Numbers.plain(value) : fallback;
    }
    if (Double.isInfinite(d)) {
      throw Numbers.overflow("infinity has no integer");
    }
    return Double.isNaN(d) ? fallback : Numbers.exact(d);
  }

  private static Object toFloat(Invocation c) {
    Object fallback = c.get(0, 0.0);
    String text = Types.text(c.self());
    if (text != null) {
      Double parsed = Numbers.parseFloat(text);
      return parsed == null ? fallback : parsed;
    }
    if (c.self() instanceof Undefined undefined) {
      throw undefined.failure();
    }
    return Numbers.isNumber(c.self()) ? Numbers.toDouble(c.self()) : fallback;
  }

  private static Object round(Invocation c) {
    Object number = number(c);
    long precision = c.integer(0, 0);
    Object method = c.get(1, "common");
    if ("common".equals(method)) {
      return Numbers.round(number, precision);
    }
    boolean floor = "floor".equals(method);
    if (!floor && !"ceil".equals(method)) {
      throw new TemplateException(Kind.RUNTIME, "'round' rounds 'common', 'ceil' or 'floor'");
    }
    Object scale = Numbers.power(10L, precision);
    Object scaled = Numbers.multiply(number, scale);
    Object whole = scaled;
    if (scaled instanceof Double d) {
      if (!Double.isFinite(d)) {
        throw Numbers.overflow("'round' cannot bring " + Numbers.text(d) + " to an integer");
      }
      whole = Numbers.exact(floor ? Math.floor(d) : Math.ceil(d));
    }
    return Numbers.divide(whole, scale);
  }

  private static Object fileSize(Invocation c) {
    String text = Types.text(c.self());
    Double parsed =
        text == null ? Double.valueOf(Numbers.toDouble(number(c))) : Numbers.parseFloat(text);
    if (parsed == null) {
      throw new TemplateException(Kind.VALUE, "'filesizeformat' needs a number");
    }
    boolean binary = c.truth(0);
    double base = binary ? 1024 : 1000;
    if (parsed == 1) {
      return "1 Byte";
    }
    if (!(parsed >= base)) {
      return Numbers.exact(Double.isNaN(parsed) ? 0 : parsed) + " Bytes";
    }
    String prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
    int step = 0;
    while (step < prefixes.length() - 1 && parsed >= Math.pow(base, step + 2)) {
      step++;
    }
    double shown = base * parsed / Math.pow(base, step + 2);
    String digits =
        Double.isInfinite(shown)
            ? "inf"
            : new BigDecimal(shown).setScale(1, RoundingMode.HALF_EVEN).toPlainString();
    return digits + " " + prefixes.charAt(step) + (binary ? "iB" : "B");
  }

  /** Python breaks longer values into lines; no template that makes prompts relies on how. */
  private static Object pretty(Invocation c) {
    String text = c.evaluator().printer().repr(c.self());
    if (Text.length(text) > PRETTY_WIDTH || c.self() instanceof Dict) {
      throw new TemplateException(
          Kind.RUNTIME,
          "'pprint' works here for values that fit a line of "
              + PRETTY_WIDTH
              + " and are no mappings; use 'tojson'");
    }
    return text;
  }

  private static Object chatJson(Invocation c) {
    Optional<String> indent = indent(c, 1);
    String itemSeparator = indent.isPresent() ? "," : ", ";
    String keySeparator = ": ";
    if (c.hasValue(2)) {
      List<Object> separators = c.list(c.get(2));
      if (separators.size() != 2) {
        throw new TemplateException(Kind.VALUE, "'tojson' needs two separators");
      }
      itemSeparator = c.requireText(separators.getFirst());
      keySeparator = c.requireText(separators.getLast());
    }
    Json json = new Json(indent, itemSeparator, keySeparator, c.truth(3), c.truth(0));
    return json.write(c.self(), c.evaluator());
  }

  private static Object htmlJson(Invocation c) {
    Optional<String> indent = indent(c, 0);
    Json json = new Json(indent, indent.isPresent() ? "," : ", ", ": ", true, true);
    String text = json.write(c.self(), c.evaluator());
    return new Markup(
        text.replace("<", "\\u003c")
            .replace(">", "\\u003e")
            .replace("&", "\\u0026")
            .replace("'", "\\u0027"));
  }

  private static Optional<String> indent(Invocation c, int index) {
    if (!c.hasValue(index)) {
      return Optional.empty();
    }
    String text = Types.text(c.get(index));
    if (text != null) {
      return Optional.of(text);
    }
    long width = Math.max(0, c.integer(index, 0));
    c.budget().text(width);
    return Optional.of(" ".repeat((int) width));
  }
}
