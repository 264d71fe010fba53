// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/**
 * What is wrong with a template, or what went wrong while rendering it: a sentence, the line of the
 * template, and the kind of failure.
 */
public final class TemplateException extends IllegalArgumentException {
  /**
   * Kinds of failure; those named after a Python exception are what Jinja2 lets through as such.
   */
  public enum Kind {
    /** The template does not parse, or names a filter or test that does not exist. */
    SYNTAX("syntax"),
    /** An undefined value was used. */
    UNDEFINED("undefined"),
    /** The template called {@code raise_exception}. */
    RAISED("raised"),
    /** The template reached for something it must not touch. */
    SECURITY("security"),
    /** Any other complaint of the template language itself. */
    RUNTIME("runtime"),
    /** An operation on values of the wrong type. */
    TYPE("TypeError"),
    /** A value of the right type that makes no sense. */
    VALUE("ValueError"),
    /** Division by zero. */
    ZERO_DIVISION("ZeroDivisionError"),
    /** A number too large for its type. */
    OVERFLOW("OverflowError"),
    /** A position outside a sequence. */
    INDEX("IndexError"),
    /** A key that a mapping does not have. */
    KEY("KeyError"),
    /** The template asked for more time, memory or depth than a template may have. */
    LIMIT("limit");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** The name of this kind in reports: a word of our own, or the Python exception's name. */
    public String label() {
      return label;
    }
  }

  private final Kind kind;
  private final String reason;
  private final int line;

  TemplateException(Kind kind, String reason) {
    this(kind, reason, 0, null);
  }

  TemplateException(Kind kind, String reason, int line, Throwable cause) {
    super(line > 0 ? "template line " + line + ": " + reason : reason, cause);
    this.kind = kind;
    this.reason = reason;
    this.line = line;
  }

  /** This failure with the line it happened on; unchanged if it already has one. */
  TemplateException at(int failedLine) {
    return line > 0 ? this : new TemplateException(kind, reason, failedLine, this);
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** The sentence without the line; for {@link Kind#RAISED} exactly the template's own message. */
  public String reason() {
    return reason;
  }

  /** Line of the template, from 1; 0 if the failure has no place in the template. */
  public int line() {
    return line;
  }
}
