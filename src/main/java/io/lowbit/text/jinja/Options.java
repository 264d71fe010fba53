// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a template is read and what it may use.
 *
 * @param dialect filters and functions beyond plain Jinja2
 * @param trimBlocks drop the newline after a block or comment tag
 * @param lstripBlocks drop white space before a block or comment tag that begins a line
 * @param keepTrailingNewline keep a newline at the end of the template
 * @param strictUndefined any use of an undefined variable but asking whether it is defined fails
 * @param now the time that {@code strftime_now} prints
 */
public record Options(
    Dialect dialect,
    boolean trimBlocks,
    boolean lstripBlocks,
    boolean keepTrailingNewline,
    boolean strictUndefined,
    Supplier<LocalDateTime> now) {

  /** Who the template was written for. */
  public enum Dialect {
    /** Jinja2 as it comes. */
    PLAIN,
    /**
     * Chat templates, as the Python package transformers renders them: values cannot be changed,
     * {@code break}, {@code continue}, {@code generation}, {@code raise_exception}, {@code
     * strftime_now}, and {@code tojson} without HTML escapes.
     */
    CHAT,
    /** Task prompts, as lm-eval renders them: {@code regex_replace}. */
    HARNESS
  }

  /** Jinja2's defaults. */
  public static Options plain() {
    return new Options(Dialect.PLAIN, false, false, false, false, LocalDateTime::now);
  }

  /** What chat templates are written for. */
  public static Options chat() {
    return new Options(Dialect.CHAT, true, true, false, false, LocalDateTime::now);
  }

  /** What lm-eval task prompts are written for. */
  public static Options harness() {
    return new Options(Dialect.HARNESS, false, false, true, true, LocalDateTime::now);
  }

  /**
   * Options by the name that test files and the command line use: {@code chat}, {@code lm-eval},
   * {@code plain} or {@code strict}, then any of {@code +trim}, {@code +lstrip} and {@code +keep}.
   *
   * @throws IllegalArgumentException if the name is none of these
   */
  public static Options named(String name) {
    List<String> parts = Arrays.asList(name.split("\\+", -1));
    Options base =
        switch (parts.getFirst()) {
          case "chat" -> chat();
          case "lm-eval" -> harness();
          case "plain", "strict" -> plain();
          default -> throw unknown(name);
        };
    List<String> changes = parts.subList(1, parts.size());
    if (!List.of("trim", "lstrip", "keep").containsAll(changes)) {
      throw unknown(name);
    }
    return new Options(
        base.dialect,
        base.trimBlocks || changes.contains("trim"),
        base.lstripBlocks || changes.contains("lstrip"),
        base.keepTrailingNewline || changes.contains("keep"),
        base.strictUndefined || parts.getFirst().equals("strict"),
        base.now);
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "unknown template environment '"
            + name
            + "'; known are chat, lm-eval, plain and strict, with +trim, +lstrip, +keep");
  }

  /** The same, answering {@code strftime_now} with a fixed time. */
  public Options withNow(LocalDateTime time) {
    return new Options(
        dialect, trimBlocks, lstripBlocks, keepTrailingNewline, strictUndefined, () -> time);
  }
}
