// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/**
 * One token of a template.
 *
 * @param text data, name, operator, or the value of a string; the digits of a number without
 *     underscores
 * @param line line it begins on, from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    DATA("text"),
    PRINT_BEGIN("begin of print statement"),
    PRINT_END("end of print statement"),
    BLOCK_BEGIN("begin of statement block"),
    BLOCK_END("end of statement block"),
    NAME("name"),
    STRING("string"),
    INTEGER("integer"),
    FLOAT("float"),
    OPERATOR("operator"),
    END("end of template");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  boolean isName(String name) {
    return kind == Kind.NAME && text.equals(name);
  }

  boolean isOperator(String operator) {
    return kind == Kind.OPERATOR && text.equals(operator);
  }

  /** How an error message calls this token. */
  String describe() {
    return switch (kind) {
      case NAME, OPERATOR -> "'" + text + "'";
      default -> kind.toString();
    };
  }
}
