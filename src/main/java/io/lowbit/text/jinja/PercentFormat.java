// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.util.List;

/** Python's {@code text % values}. */
final class PercentFormat {
  private final String format;
  private final List<Object> values;
  private final Dict mapping;
  private final Invocation call;
  private int position;
  private int used;

  private PercentFormat(String format, List<Object> values, Dict mapping, Invocation call) {
    this.format = format;
    this.values = values;
    this.mapping = mapping;
    this.call = call;
  }

  /** Fills the percent signs of a text with one value, the items of a tuple, or a mapping's. */
  static String format(String format, Object value, Invocation call) {
    List<Object> values = value instanceof Tuple tuple ? tuple.items() : Tuple.of(value).items();
    Dict mapping = value instanceof Dict dict ? dict : null;
    PercentFormat filler = new PercentFormat(format, values, mapping, call);
    String filled = filler.fill();
    boolean mayRemain =
        value instanceof Dict
            || value instanceof List
            || value instanceof Undefined
            || value instanceof Range;
    if (filler.used < values.size() && !mayRemain) {
      throw new TemplateException(Kind.TYPE, "a format has fewer places than values");
    }
    return filled;
  }

  private String fill() {
    StringBuilder out = new StringBuilder();
    while (position < format.length()) {
      char c = format.charAt(position++);
      if (c == '%') {
        String piece = piece();
        call.budget().text(piece.length());
        out.append(piece);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private String piece() {
    Object keyed = Attributed.ABSENT;
    if (at('(')) {
      keyed = keyed();
    }
    boolean left = false;
    boolean zero = false;
    boolean alternate = false;
    char sign = '-';
    for (;
        position < format.length() && "-0+ #".indexOf(format.charAt(position)) >= 0;
        position++) {
      switch (format.charAt(position)) {
        case '-' -> left = true;
        case '0' -> zero = true;
        case '#' -> alternate = true;
        case '+' -> sign = '+';
        default -> sign = sign == '+' ? '+' : ' ';
      }
    }
    long width = number();
    if (width < 0) {
      left = true;
      width = -width;
    }
    long precision = -1;
    if (at('.')) {
      position++;
      precision = Math.max(number(), 0);
    }
    if (position < format.length() && "hlL".indexOf(format.charAt(position)) >= 0) {
      position++;
    }
    if (position >= format.length()) {
      throw Layout.bad("a format ends within a place: " + Text.quoted(format));
    }
    char type = format.charAt(position++);
    if (type == '%') {
      return "%";
    }
    Object value = keyed == Attributed.ABSENT ? next() : keyed;
    char align = left ? '<' : zero && "sracS".indexOf(type) < 0 ? '=' : '>';
    String fill = align == '=' ? "0" : " ";
    return shown(
        value, type, new Layout(fill, align, sign, alternate, width, (char) 0, precision, type));
  }

  private boolean at(char c) {
    return position < format.length() && format.charAt(position) == c;
  }

  private Object keyed() {
    if (mapping == null) {
      throw new TemplateException(Kind.TYPE, "a format with names needs a mapping");
    }
    int open = 1;
    int start = ++position;
    while (position < format.length() && open > 0) {
      char c = format.charAt(position++);
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    if (open > 0) {
      throw Layout.bad("a name in a format is never closed");
    }
    String key = format.substring(start, position - 1);
    Dict.Entry entry = mapping.find(key);
    if (entry == null) {
      throw new TemplateException(Kind.KEY, "a format asks for '" + key + "', which is not given");
    }
    used = values.size();
    return entry.value();
  }

  /** A width or precision: digits, or a star that takes the next value; 0 if there is none. */
  private long number() {
    if (at('*')) {
      position++;
      Object value = next();
      if (!Numbers.isInteger(value)) {
        throw new TemplateException(Kind.TYPE, "'*' in a format needs an integer");
      }
      return BraceFormat.size(Numbers.big(value).abs().toString()) * Numbers.big(value).signum();
    }
    int start = position;
    while (position < format.length() && Character.isDigit(format.charAt(position))) {
      position++;
    }
    return start == position ? 0 : BraceFormat.size(format.substring(start, position));
  }

  private Object next() {
    if (used >= values.size()) {
      throw new TemplateException(Kind.TYPE, "a format has more places than values");
    }
    return values.get(used++);
  }

  private String shown(Object value, char type, Layout layout) {
    return switch (type) {
      case 's' -> layout.text(call.str(value), call);
      case 'r' -> layout.text(call.evaluator().printer().repr(value), call);
      case 'a' -> layout.text(ascii(call.evaluator().printer().repr(value)), call);
      case 'c' -> layout.text(character(value), call);
      case 'd', 'i', 'u' -> layout.withType('d').number(whole(value, type), call);
      case 'x', 'X', 'o' -> layout.number(integer(value, type), call);
      case 'e', 'E', 'f', 'F', 'g', 'G' -> layout.number(real(value, type), call);
      default -> throw Layout.bad("unknown place '%" + type + "' in a format");
    };
  }

  private static Object whole(Object value, char type) {
    if (value instanceof Double d) {
      if (!Double.isFinite(d)) {
        throw Numbers.overflow("'%" + type + "' cannot print " + Numbers.text(d));
      }
      return Numbers.exact(d);
    }
    return integer(value, type);
  }

  private static Object integer(Object value, char type) {
    if (!Numbers.isInteger(value)) {
      throw wrong(type, "an integer", value);
    }
    return value;
  }

  private static Object real(Object value, char type) {
    Object number = Types.text(value) == null ? value : null;
    if (number == null || !Numbers.isNumber(number)) {
      throw wrong(type, "a number", value);
    }
    return Numbers.toDouble(number);
  }

  private static TemplateException wrong(char type, String needed, Object value) {
    if (value instanceof Undefined undefined) {
      return undefined.failure();
    }
    return new TemplateException(
        Kind.TYPE, "'%" + type + "' in a format needs " + needed + ", not " + Types.name(value));
  }

  /** The character of a code point, or a text that is one character. */
  static String character(Object value) {
    String text = Types.text(value);
    if (text != null && Text.length(text) == 1) {
      return text;
    }
    if (value instanceof Long l && Character.isValidCodePoint(l.intValue()) && l == l.intValue()) {
      return Character.toString(l.intValue());
    }
    throw new TemplateException(Kind.TYPE, "a place for a character needs exactly one");
  }

  /** Python's {@code ascii}: other characters as escapes. */
  static String ascii(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints()
        .forEach(c ->
            out.append(
                c < 0x80
                    ? Character.toString(c)
                    : String.format(
                        c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c)));
    return out.toString();
  }
}
