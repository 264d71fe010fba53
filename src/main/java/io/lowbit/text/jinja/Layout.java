// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How a value is laid out: what stands after the colon in {@code '{:>8.2f}'} or after the percent
 * sign in {@code '%8.2f'}.
 *
 * @param fill one character
 * @param align {@code <}, {@code >}, {@code ^}, {@code =} (padding after the sign), or 0 for the
 *     type's own
 * @param sign {@code +}, a space, or {@code -} for none on positive numbers
 * @param alternate prefixes such as {@code 0x}
 * @param grouping {@code ,} or {@code _} between digits, or 0
 * @param precision digits or, for text, characters; -1 if not given
 * @param type the letter that says what to print; 0 if not given
 */
record Layout(
    String fill,
    char align,
    char sign,
    boolean alternate,
    long width,
    char grouping,
    long precision,
    char type) {

  Layout withType(char other) {
    return new Layout(fill, align, sign, alternate, width, grouping, precision, other);
  }

  /** Lays out a text. */
  String text(String text, Invocation call) {
    String cut =
        precision >= 0 && precision < Text.length(text)
            ? text.substring(0, Text.offset(text, (int) precision))
            : text;
    return padded("", cut, '<', call);
  }

  /** Lays out a number of any type. */
  String number(Object number, Invocation call) {
    return switch (type) {
      case 'd', 'n', 'b', 'o', 'x', 'X' -> integer(Numbers.big(number), call);
      case 0 -> number instanceof Double d ? real(d, call) : integer(Numbers.big(number), call);
      default -> real(Numbers.toDouble(number), call);
    };
  }

  private String integer(BigInteger value, Invocation call) {
    int radix =
        switch (type) {
          case 'b' -> 2;
          case 'o' -> 8;
          case 'x', 'X' -> 16;
          default -> 10;
        };
    String digits = radix == 10 ? Numbers.text(value.abs()) : value.abs().toString(radix);
    String prefix = alternate && radix != 10 ? "0" + Character.toLowerCase(type) : "";
    if (precision > digits.length()) {
      call.budget().text(precision);
      digits = "0".repeat((int) precision - digits.length()) + digits;
    }
    if (type == 'X') {
      digits = digits.toUpperCase(Locale.ROOT);
      prefix = prefix.toUpperCase(Locale.ROOT);
    }
    String head = signOf(value.signum() < 0) + prefix;
    return padded(head, grouped(digits, "", head, radix == 10 ? 3 : 4, call), '>', call);
  }

  private String real(double value, Invocation call) {
    boolean negative = value < 0 || (value == 0 && 1 / value < 0);
    String head = signOf(negative);
    boolean percent = type == '%';
    double size = Math.abs(value) * (percent ? 100 : 1);
    boolean capitals = type == 'E' || type == 'F' || type == 'G';
    if (!Double.isFinite(size)) {
      String word = Double.isNaN(size) ? "nan" : "inf";
      String tail = percent ? "%" : "";
      return padded(head, (capitals ? word.toUpperCase(Locale.ROOT) : word) + tail, '>', call);
    }
    call.budget().text(Math.max(precision, 0));
    String digits = digits(size);
    if (capitals) {
      digits = digits.toUpperCase(Locale.ROOT);
    }
    int whole = 0;
    while (whole < digits.length() && Character.isDigit(digits.charAt(whole))) {
      whole++;
    }
    String tail = digits.substring(whole) + (percent ? "%" : "");
    return padded(head, grouped(digits.substring(0, whole), tail, head, 3, call), '>', call);
  }

  private String digits(double size) {
    int places = (int) (precision < 0 ? 6 : precision);
    return switch (type) {
      case 'e', 'E' -> exponential(size, places);
      case 'f', 'F', '%' -> fixed(size, places);
      case 0 -> precision < 0 ? Numbers.text(size) : general(size, Math.max(places, 1), true);
      default -> general(size, Math.max(places, 1), false);
    };
  }

  private String fixed(double size, int places) {
    String text = new BigDecimal(size).setScale(places, RoundingMode.HALF_EVEN).toPlainString();
    return places == 0 && alternate ? text + "." : text;
  }

  private String exponential(double size, int places) {
    BigDecimal rounded =
        new BigDecimal(size).round(new MathContext(places + 1, RoundingMode.HALF_EVEN));
    int exponent = size == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    StringBuilder digits = new StringBuilder(rounded.unscaledValue().toString());
    while (digits.length() < places + 1) {
      digits.append('0');
    }
    digits.setLength(places + 1);
    if (places > 0 || alternate) {
      digits.insert(1, '.');
    }
    String size2 = Integer.toString(Math.abs(exponent));
    return digits + (exponent < 0 ? "e-" : "e+") + (size2.length() < 2 ? "0" : "") + size2;
  }

  /** The shorter of fixed and exponential; {@code whole} keeps one digit after the point. */
  private String general(double size, int digits, boolean whole) {
    BigDecimal rounded =
        new BigDecimal(size).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = size == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent < -4 || exponent >= digits) {
      String text = exponential(size, digits - 1);
      int e = text.indexOf('e');
      return alternate ? text : trimmed(text.substring(0, e)) + text.substring(e);
    }
    String text = fixed(size, Math.max(digits - 1 - exponent, 0));
    String shown = alternate ? text : trimmed(text);
    return whole && shown.indexOf('.') < 0 ? shown + ".0" : shown;
  }

  private static String trimmed(String digits) {
    if (digits.indexOf('.') < 0) {
      return digits;
    }
    int end = digits.length();
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return digits.substring(0, digits.charAt(end - 1) == '.' ? end - 1 : end);
  }

  private String signOf(boolean negative) {
    return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
  }

  /** Digits with separators; zero padding is grouped along, as Python does. */
  private String grouped(String digits, String tail, String head, int size, Invocation call) {
    if (grouping == 0) {
      return digits + tail;
    }
    StringBuilder all = new StringBuilder(digits);
    if (align == '=' && fill.equals("0")) {
      long room = width - head.length() - tail.length();
      call.budget().text(Math.max(room, 0));
      while (all.length() + (all.length() - 1) / size < room) {
        all.insert(0, '0');
      }
    }
    for (int i = all.length() - size; i > 0; i -= size) {
      all.insert(i, grouping);
    }
    return all + tail;
  }

  private String padded(String head, String body, char ownAlign, Invocation call) {
    char side = align == 0 ? ownAlign : align;
    return switch (side) {
      case '=' ->
          head + TextMethods.pad(call, body, Math.max(width - head.length(), 0), fill, 1, 0);
      case '>' -> TextMethods.pad(call, head + body, width, fill, 1, 0);
      case '^' -> centred(head + body, call);
      default -> TextMethods.pad(call, head + body, width, fill, 0, 1);
    };
  }

  private String centred(String text, Invocation call) {
    int length = Text.length(text);
    long before = Math.max(width - length, 0) / 2;
    String left = TextMethods.pad(call, text, length + before, fill, 1, 0);
    return TextMethods.pad(call, left, width, fill, 0, 1);
  }

  static TemplateException bad(String reason) {
    return new TemplateException(Kind.VALUE, reason);
  }
}
