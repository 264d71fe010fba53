// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.Row;
import io.lowbit.text.jinja.Options;
import io.lowbit.text.jinja.Template;
import io.lowbit.text.jinja.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A field of a task file that is filled from a row: the name of a column, a template, or a fixed
 * list.
 */
public final class RowText {
  private final String source;
  private final Optional<Template> template;
  private final List<String> fixed;

  private RowText(String source, Optional<Template> template, List<String> fixed) {
    this.source = source;
    this.template = template;
    this.fixed = fixed;
  }

  /**
   * A column's name or a template.
   *
   * @throws IllegalArgumentException if the template does not parse
   */
  public static RowText of(String source) {
    return new RowText(source, Optional.of(Template.parse(source, Options.harness())), List.of());
  }

  /** The same list for every row. */
  public static RowText ofList(List<String> values) {
    return new RowText(values.toString(), Optional.empty(), List.copyOf(values));
  }

  /** As it is written in the task file. */
  public String source() {
    return source;
  }

  /** The value for a row: what a column holds, else the rendered text, else the fixed list. */
  Object value(Row row) {
    if (template.isEmpty()) {
      return fixed;
    }
    Map<String, Object> values = row.values();
    if (values.containsKey(source)) {
      return values.get(source);
    }
    try {
      return template.get().render(values);
    } catch (TemplateException e) {
      throw new IllegalArgumentException(
          row.origin()
              + ": the template '"
              + source
              + "' failed ("
              + e.getMessage()
              + "); the row has the columns "
              + String.join(", ", values.keySet()),
          e);
    }
  }

  /** The value as text. */
  String text(Row row) {
    Object value = value(row);
    if (value instanceof String || value instanceof Long) {
      return value.toString();
    }
    throw new IllegalArgumentException(
        row.origin() + ": '" + source + "' must give text, not " + kind(value));
  }

  /** The value as a list of texts: a list, or text that prints one. */
  List<String> list(Row row) {
    Object value = value(row);
    List<String> texts = new ArrayList<>();
    switch (value) {
      case List<?> list -> {
        for (Object entry : list) {
          if (!(entry instanceof String) && !(entry instanceof Long)) {
            throw new IllegalArgumentException(
                row.origin() + ": a choice of '" + source + "' is " + kind(entry) + ", not text");
          }
          texts.add(entry.toString());
        }
      }
      case String text -> {
        try {
          texts.addAll(PythonText.parseList(text));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              row.origin() + ": '" + source + "' must give a list: " + e.getMessage(), e);
        }
      }
      case null, default ->
          throw new IllegalArgumentException(
              row.origin() + ": '" + source + "' must give a list, not " + kind(value));
    }
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(row.origin() + ": '" + source + "' gives no choices");
    }
    return texts;
  }

  private static String kind(Object value) {
    return switch (value) {
      case null -> "null";
      case List<?> _ -> "a list";
      case Map<?, ?> _ -> "a mapping";
      default -> value.getClass().getSimpleName() + " " + value;
    };
  }
}
