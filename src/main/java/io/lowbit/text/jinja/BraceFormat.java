// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.Set;

/** Python's {@code text.format(...)}. */
final class BraceFormat {
  private static final int MAX_NESTING = 2;
  private static final Set<Character> ALIGNMENTS = Set.of('<', '>', '=', '^');

  private final Arguments arguments;
  private final Invocation call;
  private int automatic;
  private boolean numbered;

  private BraceFormat(Arguments arguments, Invocation call) {
    this.arguments = arguments;
    this.call = call;
  }

  /** Fills the braces of a text. */
  static String format(String text, Arguments arguments, Invocation call) {
    return new BraceFormat(arguments, call).fill(text, MAX_NESTING);
  }

  private String fill(String text, int nesting) {
    if (nesting == 0) {
      throw Layout.bad("braces in a format are nested too deeply");
    }
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      boolean doubled = i < text.length() && text.charAt(i) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        i++;
      } else if (c == '}') {
        throw Layout.bad("a '}' in a format closes nothing; write '}}' for the character");
      } else if (c == '{') {
        int end = fieldEnd(text, i);
        String field = field(text.substring(i, end), nesting);
        call.budget().text(field.length());
        out.append(field);
        i = end + 1;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static int fieldEnd(String text, int from) {
    int open = 1;
    boolean inBrackets = false;
    boolean inSpec = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      inBrackets = !inSpec && (c == '[' || (inBrackets && c != ']'));
      inSpec |= c == ':' && !inBrackets;
      if (c == '{' && !inBrackets) {
        open++;
      } else if (c == '}' && !inBrackets && --open == 0) {
        return i;
      }
    }
    throw Layout.bad("a '{' in a format is never closed; write '{{' for the character");
  }

  private String field(String field, int nesting) {
    int nameEnd = 0;
    boolean inBrackets = false;
    while (nameEnd < field.length()) {
      char c = field.charAt(nameEnd);
      inBrackets = c == '[' || (inBrackets && c != ']');
      if (!inBrackets && (c == ':' || c == '!')) {
        break;
      }
      nameEnd++;
    }
    Object value = value(field.substring(0, nameEnd));
    String rest = field.substring(nameEnd);
    if (rest.startsWith("!")) {
      if (rest.length() < 2 || (rest.length() > 2 && rest.charAt(2) != ':')) {
        throw Layout.bad("expected '!s', '!r' or '!a' in a format");
      }
      value = converted(value, rest.charAt(1));
      rest = rest.substring(2);
    }
    return layOut(value, rest.isEmpty() ? "" : fill(rest.substring(1), nesting - 1));
  }

  private Object converted(Object value, char conversion) {
    return switch (conversion) {
      case 's' -> call.str(value);
      case 'r' -> call.evaluator().printer().repr(value);
      case 'a' -> PercentFormat.ascii(call.evaluator().printer().repr(value));
      default -> throw Layout.bad("unknown conversion '!" + conversion + "' in a format");
    };
  }

  /** The argument that a field names, by position or name, then attributes and items of it. */
  private Object value(String path) {
    int end = 0;
    while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
      end++;
    }
    Object value = argument(path.substring(0, end));
    while (end < path.length()) {
      boolean item = path.charAt(end) == '[';
      int start = end + 1;
      end = start;
      while (end < path.length()
          && (item
              ? path.charAt(end) != ']'
              : path.charAt(end) != '.' && path.charAt(end) != '[')) {
        end++;
      }
      String key = path.substring(start, end);
      if (key.isEmpty() || (item && end == path.length())) {
        throw Layout.bad("an attribute or item in a format has no name");
      }
      value =
          item
              ? call.evaluator().attributes().item(value, numberOrText(key))
              : call.evaluator().attributes().attribute(value, key);
      end += item ? 1 : 0;
    }
    return value;
  }

  private static Object numberOrText(String key) {
    Object number = key.chars().allMatch(c -> c >= '0' && c <= '9') ? Numbers.literal(key) : null;
    return number == null ? key : number;
  }

  private Object argument(String name) {
    Object key = name.isEmpty() ? null : numberOrText(name);
    if (key instanceof String) {
      if (!arguments.named().containsKey(name)) {
        throw new TemplateException(
            Kind.KEY, "a format asks for '" + name + "', which is not given");
      }
      return arguments.named().get(name);
    }
    if ((key == null && numbered) || (key != null && automatic > 0)) {
      throw Layout.bad("a format mixes numbered and unnumbered fields");
    }
    numbered |= key != null;
    long index = key == null ? automatic++ : key instanceof Long l ? l : Long.MAX_VALUE;
    if (index >= arguments.positional().size()) {
      throw new TemplateException(
          Kind.INDEX, "a format asks for argument " + index + ", which is not given");
    }
    return arguments.positional().get((int) index);
  }

  private String layOut(Object value, String spec) {
    if (spec.isEmpty()) {
      return call.str(value);
    }
    String text = Types.text(value);
    boolean number = Numbers.isNumber(value);
    if (text == null && !number) {
      throw call.wrong(
          "cannot lay out a value of type " + Types.name(value) + " as '" + spec + "'");
    }
    Layout layout = parse(spec, number);
    if (text != null) {
      if ((layout.type() != 0 && layout.type() != 's')
          || layout.sign() != '-'
          || layout.align() == '=') {
        throw Layout.bad("text cannot be laid out as '" + spec + "'");
      }
      return layout.text(text, call);
    }
    return number(layout, value, spec);
  }

  private String number(Layout layout, Object value, String spec) {
    String types = value instanceof Double ? "eEfFgGn%" : "bcdoxXneEfFgG%";
    boolean integerType =
        layout.type() == 0 ? !(value instanceof Double) : "bcdoxX".indexOf(layout.type()) >= 0;
    if ((layout.type() != 0 && types.indexOf(layout.type()) < 0)
        || (integerType && layout.precision() >= 0)) {
      throw Layout.bad(
          "a number of type " + Types.name(value) + " cannot be laid out as '" + spec + "'");
    }
    if (layout.type() == 'c') {
      return layout.text(PercentFormat.character(value), call);
    }
    return layout.number(value, call);
  }

  /** Reads {@code [[fill]align][sign][#][0][width][,][.precision][type]}. */
  private static Layout parse(String spec, boolean number) {
    int i = 0;
    String fill = " ";
    char align = 0;
    int first = Character.charCount(spec.codePointAt(0));
    if (spec.length() > first && ALIGNMENTS.contains(spec.charAt(first))) {
      fill = spec.substring(0, first);
      align = spec.charAt(first);
      i = first + 1;
    } else if (ALIGNMENTS.contains(spec.charAt(0))) {
      align = spec.charAt(0);
      i = 1;
    }
    char sign = i < spec.length() && "+- ".indexOf(spec.charAt(i)) >= 0 ? spec.charAt(i++) : '-';
    boolean alternate = i < spec.length() && spec.charAt(i) == '#';
    i += alternate ? 1 : 0;
    if (i < spec.length() && spec.charAt(i) == '0') {
      fill = i > 0 && align != 0 && !fill.equals(" ") ? fill : "0";
      align = align == 0 && number ? '=' : align;
      i++;
    }
    int widthEnd = digitsEnd(spec, i);
    long width = widthEnd > i ? size(spec.substring(i, widthEnd)) : 0;
    i = widthEnd;
    char grouping = i < spec.length() && ",_".indexOf(spec.charAt(i)) >= 0 ? spec.charAt(i++) : 0;
    long precision = -1;
    if (i < spec.length() && spec.charAt(i) == '.') {
      int end = digitsEnd(spec, i + 1);
      if (end == i + 1) {
        throw Layout.bad("a format has a point without a precision: '" + spec + "'");
      }
      precision = size(spec.substring(i + 1, end));
      i = end;
    }
    char type = i < spec.length() ? spec.charAt(i++) : 0;
    if (i < spec.length()) {
      throw Layout.bad("'" + spec + "' is not a format");
    }
    return new Layout(fill, align, sign, alternate, width, grouping, precision, type);
  }

  private static int digitsEnd(String spec, int from) {
    int i = from;
    while (i < spec.length() && spec.charAt(i) >= '0' && spec.charAt(i) <= '9') {
      i++;
    }
    return i;
  }

  static long size(String digits) {
    if (digits.length() > 9) {
      throw Layout.bad(
          "a width or precision in a format is too large: " + digits.length() + " digits");
    }
    return Long.parseLong(digits);
  }
}
