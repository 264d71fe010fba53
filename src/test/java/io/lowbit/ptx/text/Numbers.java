// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

/** Constants as PTX writes them. */
final class Numbers {
  private Numbers() {}

  static boolean isNumber(String word) {
    return Character.isDigit(word.charAt(0));
  }

  /**
   * Reads {@code 12}, {@code 0x1F}, {@code 0b101}, {@code 017}, {@code 0f3F800000} or {@code 0d…}.
   */
  static Operand.Immediate parse(Token token) {
    String word = token.text();
    try {
      if (word.matches("0[fF][0-9a-fA-F]{8}")) {
        return new Operand.Immediate(
            Integer.parseUnsignedInt(word.substring(2), 16), Operand.Immediate.Kind.FLOAT32);
      }
      if (word.matches("0[dD][0-9a-fA-F]{16}")) {
        return new Operand.Immediate(
            Long.parseUnsignedLong(word.substring(2), 16), Operand.Immediate.Kind.FLOAT64);
      }
      if (word.contains(".")) {
        return new Operand.Immediate(
            Double.doubleToRawLongBits(Double.parseDouble(word)), Operand.Immediate.Kind.FLOAT64);
      }
      return new Operand.Immediate(integer(word), Operand.Immediate.Kind.INTEGER);
    } catch (NumberFormatException exception) {
      throw new PtxSyntaxException(token.line(), "'%s' is not a number".formatted(word));
    }
  }

  private static long integer(String word) {
    String digits = word.endsWith("U") ? word.substring(0, word.length() - 1) : word;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      return Long.parseUnsignedLong(digits.substring(2), 16);
    }
    if (digits.startsWith("0b") || digits.startsWith("0B")) {
      return Long.parseUnsignedLong(digits.substring(2), 2);
    }
    if (digits.length() > 1 && digits.startsWith("0")) {
      return Long.parseUnsignedLong(digits, 8);
    }
    return Long.parseUnsignedLong(digits);
  }

  /** The same constant with its sign changed. */
  static Operand.Immediate negate(Operand.Immediate constant) {
    return switch (constant.kind()) {
      case INTEGER -> new Operand.Immediate(-constant.bits(), constant.kind());
      case FLOAT32 ->
          new Operand.Immediate((constant.bits() ^ 0x8000_0000L) & 0xFFFF_FFFFL, constant.kind());
      case FLOAT64 -> new Operand.Immediate(constant.bits() ^ Long.MIN_VALUE, constant.kind());
    };
  }
}
