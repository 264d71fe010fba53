// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * Python's numbers: integers without limit ({@code Long} where they fit, else {@code BigInteger}),
 * floats ({@code Double}), and truth values, which count as 0 and 1.
 */
final class Numbers {
  /** Python's own limit on the digits of an integer that is read or printed. */
  private static final int MAX_DIGITS = 4300;

  /** Integers beyond this are refused: nobody prints them, and they take long to compute. */
  private static final int MAX_BITS = 1 << 16;

  private Numbers() {}

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof Boolean || value instanceof BigInteger;
  }

  static boolean isNumber(Object value) {
    return value instanceof Double || isInteger(value);
  }

  /** The integer as {@code Long} if it fits. */
  static Object of(BigInteger value) {
    if (value.bitLength() > MAX_BITS) {
      throw new TemplateException(
          Kind.LIMIT, "an integer has more than " + MAX_BITS + " bits; the template is refused");
    }
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  static BigInteger big(Object integer) {
    return switch (integer) {
      case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
      case Long l -> BigInteger.valueOf(l);
      case BigInteger b -> b;
      default -> throw new IllegalArgumentException("no integer: " + Types.name(integer));
    };
  }

  /** A truth value as the integer it counts as; other numbers as they are. */
  static Object plain(Object number) {
    return number instanceof Boolean b ? (Object) (b ? 1L : 0L) : number;
  }

  static double toDouble(Object number) {
    return switch (number) {
      case Boolean b -> b ? 1 : 0;
      case Long l -> l;
      case Double d -> d;
      case BigInteger b -> {
        double d = b.doubleValue();
        if (Double.isInfinite(d)) {
          throw overflow("an integer is too large for a float");
        }
        yield d;
      }
      default -> throw new IllegalArgumentException("no number: " + Types.name(number));
    };
  }

  /** The integer that a finite whole float stands for. */
  static Object exact(double whole) {
    return of(new BigDecimal(whole).toBigInteger());
  }

  /** An integer literal: decimal, or with the prefix 0x, 0o or 0b. */
  static Object literal(String digits) {
    int radix = prefixRadix(digits);
    return integer(radix == 0 ? digits : digits.substring(2), radix == 0 ? 10 : radix);
  }

  private static int prefixRadix(String digits) {
    if (digits.length() < 2 || digits.charAt(0) != '0') {
      return 0;
    }
    return switch (digits.charAt(1)) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 0;
    };
  }

  private static Object integer(String digits, int radix) {
    if (digits.length() > MAX_DIGITS) {
      throw new TemplateException(
          Kind.VALUE, "an integer of more than " + MAX_DIGITS + " digits cannot be read");
    }
    return of(new BigInteger(digits, radix));
  }

  static String text(BigInteger value) {
    String digits = value.toString();
    if (digits.length() > MAX_DIGITS + (value.signum() < 0 ? 1 : 0)) {
      throw new TemplateException(
          Kind.VALUE, "an integer of more than " + MAX_DIGITS + " digits cannot be printed");
    }
    return digits;
  }

  /** Python's {@code repr} of a float: the fewest digits that read back as the same float. */
  static String text(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value > 0 ? "0.0" : "-0.0";
    }
    BigDecimal shortest = shortest(value);
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent < -4 || exponent >= 16) {
      return scientific(shortest, exponent);
    }
    String plain = shortest.toPlainString();
    return plain.indexOf('.') < 0 ? plain + ".0" : plain;
  }

  /** Java prints two digits at least, even where one would do (4.9E-324). */
  private static BigDecimal shortest(double value) {
    BigDecimal printed = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (printed.precision() != 2) {
      return printed;
    }
    BigDecimal single = printed.round(new MathContext(1));
    return single.doubleValue() == value ? single : printed;
  }

  private static String scientific(BigDecimal value, int exponent) {
    String digits = value.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    String sign = value.signum() < 0 ? "-" : "";
    String size = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "");
    return sign + digits.charAt(0) + fraction + "e" + size + Math.abs(exponent);
  }

  /** Python's {@code int(text, base)}, or null where that fails; base 0 goes by the prefix. */
  static Object parseInteger(String text, long base) {
    String digits = Text.strip(text, null, true, true);
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int prefix = prefixRadix(digits);
    boolean prefixed = prefix > 0 && (base == prefix || base == 0);
    if (prefixed) {
      digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
    }
    int radix = base == 0 ? (prefixed ? prefix : 10) : (int) base;
    if (base == 0 && !prefixed && digits.startsWith("0") && !isZeros(digits)) {
      return null;
    }
    String clean = asciiDigits(digits, radix);
    if (clean == null || clean.length() > MAX_DIGITS) {
      return null;
    }
    Object value = integer(clean, radix);
    return negative ? negate(value) : value;
  }

  private static boolean isZeros(String digits) {
    return digits.chars().allMatch(c -> c == '0' || c == '_');
  }

  /** The digits without single underscores between them, or null if they are no number. */
  private static String asciiDigits(String digits, int radix) {
    StringBuilder out = new StringBuilder();
    boolean digitBefore = false;
    for (int i = 0; i < digits.length(); i += Character.charCount(digits.codePointAt(i))) {
      int c = digits.codePointAt(i);
      int digit = Character.digit(c, radix);
      if (c == '_' && digitBefore) {
        digitBefore = false;
      } else if (digit >= 0
          && (c < 0x80 || Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER)) {
        out.append(Character.forDigit(digit, radix));
        digitBefore = true;
      } else {
        return null;
      }
    }
    return digitBefore ? out.toString() : null;
  }

  /** Python's {@code float(text)}, or null where that fails. */
  static Double parseFloat(String text) {
    String number = Text.strip(text, null, true, true).toLowerCase(Locale.ROOT);
    boolean signed = number.startsWith("-") || number.startsWith("+");
    String sign = signed ? number.substring(0, 1) : "";
    String size = signed ? number.substring(1) : number;
    if (size.equals("inf") || size.equals("infinity")) {
      return sign.equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (size.equals("nan")) {
      return Double.NaN;
    }
    StringBuilder clean = new StringBuilder();
    int before = ' ';
    for (int i = 0; i < size.length(); i += Character.charCount(size.codePointAt(i))) {
      int c = size.codePointAt(i);
      int digit = Character.digit(c, 10);
      if (c == '_' ? !Character.isDigit(before) : digit < 0 && "+-.e".indexOf(c) < 0) {
        return null;
      }
      if (before == '_' && digit < 0) {
        return null;
      }
      if (c != '_') {
        clean.append(digit < 0 ? Character.toString(c) : Character.toString('0' + digit));
      }
      before = c;
    }
    return before == '_' ? null : parsePlainFloat(sign + clean);
  }

  private static Double parsePlainFloat(String number) {
    try {
      return Double.valueOf(number);
    } catch (NumberFormatException e) {
      return null; // The caller says what a text that is no number means.
    }
  }

  static Object negate(Object number) {
    return number instanceof Double d ? (Object) (-d) : of(big(number).negate());
  }

  static Object add(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return toDouble(a) + toDouble(b);
    }
    return of(big(a).add(big(b)));
  }

  static Object subtract(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return toDouble(a) - toDouble(b);
    }
    return of(big(a).subtract(big(b)));
  }

  static Object multiply(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return toDouble(a) * toDouble(b);
    }
    return of(big(a).multiply(big(b)));
  }

  static Object divide(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      double divisor = toDouble(b);
      if (divisor == 0) {
        throw byZero();
      }
      return toDouble(a) / divisor;
    }
    if (big(b).signum() == 0) {
      throw byZero();
    }
    // 40 digits round to the same double as the exact quotient, but for ties no integers here make.
    double quotient =
        new BigDecimal(big(a)).divide(new BigDecimal(big(b)), new MathContext(40)).doubleValue();
    if (Double.isInfinite(quotient)) {
      throw overflow("the quotient of two integers is too large for a float");
    }
    return quotient;
  }

  static Object floorDivide(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return floorDivide(toDouble(a), toDouble(b));
    }
    BigInteger divisor = nonZero(b);
    BigInteger[] parts = big(a).divideAndRemainder(divisor);
    boolean below = parts[1].signum() != 0 && parts[1].signum() != divisor.signum();
    return of(below ? parts[0].subtract(BigInteger.ONE) : parts[0]);
  }

  private static double floorDivide(double a, double b) {
    double remainder = modulo(a, b);
    double quotient = (a - remainder) / b;
    if (quotient == 0) {
      return Math.copySign(0.0, a / b);
    }
    double floor = Math.floor(quotient);
    return quotient - floor > 0.5 ? floor + 1 : floor;
  }

  static Object modulo(Object a, Object b) {
    if (a instanceof Double || b instanceof Double) {
      return modulo(toDouble(a), toDouble(b));
    }
    BigInteger divisor = nonZero(b);
    BigInteger remainder = big(a).mod(divisor.abs());
    return of(divisor.signum() < 0 && remainder.signum() != 0 ? remainder.add(divisor) : remainder);
  }

  private static double modulo(double a, double b) {
    if (b == 0) {
      throw byZero();
    }
    double remainder = a % b;
    if (remainder == 0) {
      return Math.copySign(0.0, b);
    }
    return (b < 0) != (remainder < 0) ? remainder + b : remainder;
  }

  static Object power(Object a, Object b) {
    if (isInteger(a) && isInteger(b) && big(b).signum() >= 0) {
      return power(big(a), big(b));
    }
    double base = toDouble(a);
    double exponent = toDouble(b);
    if (base == 0 && exponent < 0) {
      throw byZero();
    }
    if (base < 0
        && !Double.isInfinite(base)
        && Double.isFinite(exponent)
        && exponent != Math.rint(exponent)) {
      throw new TemplateException(
          Kind.TYPE, "a negative number to a broken power is complex, which templates do not have");
    }
    double result = base == 1 || exponent == 0 ? 1 : Math.pow(base, exponent);
    if (Double.isInfinite(result) && Double.isFinite(base) && Double.isFinite(exponent)) {
      throw overflow("the result of a power is too large for a float");
    }
    return result;
  }

  private static Object power(BigInteger base, BigInteger exponent) {
    if (base.abs().compareTo(BigInteger.ONE) <= 0) {
      boolean odd = exponent.testBit(0);
      return of(exponent.signum() == 0 ? BigInteger.ONE : odd ? base : base.abs());
    }
    long bits =
        exponent.bitLength() > 31
            ? Long.MAX_VALUE
            : (long) (base.bitLength() - 1) * exponent.intValue();
    if (bits > MAX_BITS) {
      throw new TemplateException(
          Kind.LIMIT, "a power has more than " + MAX_BITS + " bits; the template is refused");
    }
    return of(base.pow(exponent.intValue()));
  }

  /** Order of two numbers, exact across types; neither may be NaN. */
  static int compare(Object a, Object b) {
    if (a instanceof Double x && b instanceof Double y) {
      return x < y ? -1 : x > y ? 1 : 0;
    }
    if (a instanceof Double x) {
      return Double.isInfinite(x)
          ? (x > 0 ? 1 : -1)
          : new BigDecimal(x).compareTo(new BigDecimal(big(b)));
    }
    return b instanceof Double ? -compare(b, a) : big(a).compareTo(big(b));
  }

  static boolean isNan(Object value) {
    return value instanceof Double d && Double.isNaN(d);
  }

  /** Python's {@code round(value, digits)}: the exact value, halves to even. */
  static Object round(Object number, long digits) {
    if (number instanceof Double d) {
      if (!Double.isFinite(d) || digits > 400) {
        return d;
      }
      if (digits < -400) {
        return Math.copySign(0.0, d);
      }
      double rounded =
          new BigDecimal(d).setScale((int) digits, RoundingMode.HALF_EVEN).doubleValue();
      if (Double.isInfinite(rounded)) {
        throw overflow("a rounded value is too large for a float");
      }
      return rounded == 0 ? Math.copySign(0.0, d) : rounded;
    }
    if (digits >= 0) {
      return plain(number);
    }
    if (-digits > MAX_DIGITS * 5) {
      return 0L;
    }
    return of(
        new BigDecimal(big(number))
            .setScale((int) digits, RoundingMode.HALF_EVEN)
            .toBigIntegerExact());
  }

  private static BigInteger nonZero(Object integer) {
    BigInteger value = big(integer);
    if (value.signum() == 0) {
      throw byZero();
    }
    return value;
  }

  private static TemplateException byZero() {
    return new TemplateException(Kind.ZERO_DIVISION, "division by zero");
  }

  static TemplateException overflow(String reason) {
    return new TemplateException(Kind.OVERFLOW, reason);
  }
}
