// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A parsed Jinja template. Immutable and thread-safe. */
public final class Template {
  private final List<Statement> statements;
  private final Options options;

  private Template(List<Statement> statements, Options options) {
    this.statements = statements;
    this.options = options;
  }

  /** Parses a template with Jinja2's defaults. */
  public static Template parse(String source) {
    return parse(source, Options.plain());
  }

  /**
   * Parses a template.
   *
   * @throws TemplateException if it is not well formed
   */
  public static Template parse(String source, Options options) {
    try {
      return new Template(StatementParser.parse(source, options), options);
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    }
  }

  /** The same template, answering {@code strftime_now} with a fixed time. */
  public Template at(LocalDateTime now) {
    return new Template(statements, options.withNow(now));
  }

  /**
   * Renders it. The context stays as it is, whatever the template does.
   *
   * @param context values are String, Boolean, Integer, Long, BigInteger, Float, Double, null,
   *     List, and Map in the order of its entries; a name that is not there is undefined
   * @throws TemplateException if the template fails, or asks for too much time or memory
   */
  public String render(Map<String, ?> context) {
    Evaluator evaluator = new Evaluator(options);
    try {
      Map<String, Object> variables = new HashMap<>(evaluator.builtins().globals());
      context.forEach((name, value) -> variables.put(name, imported(value)));
      return evaluator.renderer().render(statements, Scope.of(variables));
    } catch (StackOverflowError e) {
      throw tooDeep(e);
    }
  }

  /** Depths are counted while rendering; a value that holds itself is not worth a second count. */
  private static TemplateException tooDeep(StackOverflowError e) {
    return new TemplateException(Kind.LIMIT, "the template or a value nests too deeply", 0, e);
  }

  private static Object imported(Object value) {
    return switch (value) {
      case null -> null;
      case String s -> s;
      case Boolean b -> b;
      case Long l -> l;
      case Double d -> d;
      case Integer i -> i.longValue();
      case Float f -> f.doubleValue();
      case BigInteger b -> Numbers.of(b);
      case List<?> list -> {
        List<Object> copy = new ArrayList<>(list.size());
        list.forEach(item -> copy.add(imported(item)));
        yield copy;
      }
      case Map<?, ?> map -> {
        Dict dict = new Dict();
        map.forEach((key, item) -> dict.put(imported(key), imported(item)));
        yield dict;
      }
      default ->
          throw new IllegalArgumentException(
              "a template's context holds text, numbers, truth values, lists and maps, not "
                  + value.getClass().getName());
    };
  }
}
