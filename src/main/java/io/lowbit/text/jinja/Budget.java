// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;

/**
 * What a template may use up in one rendering. A template comes from strangers, with the model; it
 * must neither hang nor fill the memory.
 */
final class Budget {
  /** Steps of evaluation, and characters or items looked at, some hundred to a step. */
  private static final long MAX_WORK = 100_000_000;

  /** Characters of text, and items of lists counted fourfold, made in the course of rendering. */
  private static final long MAX_MEMORY = 1L << 27;

  /** Expressions, statements and macros inside one another. */
  private static final int MAX_DEPTH = 500;

  /** Length of a {@code range}, which is Jinja2's own limit for sandboxed templates. */
  static final long MAX_RANGE = 100_000;

  private static final int ITEM = 4;

  private long work;
  private long memory;
  private int depth;

  /** Pays for steps of work. */
  void work(long steps) {
    work += steps;
    if (work > MAX_WORK) {
      throw new TemplateException(
          Kind.LIMIT, "rendering takes more than " + MAX_WORK + " steps; the template is refused");
    }
  }

  /** Pays for text about to be made; call it before making the text. */
  void text(long characters) {
    memory += Math.max(0, characters);
    if (memory > MAX_MEMORY) {
      throw new TemplateException(
          Kind.LIMIT,
          "rendering makes more than " + MAX_MEMORY + " characters; the template is refused");
    }
  }

  /** Pays for a list or mapping about to be made; call it before making it. */
  void items(long count) {
    text(Math.min(count, MAX_MEMORY) * ITEM);
  }

  /** Enters one more level of nesting; each call is matched by {@link #leave}. */
  void enter() {
    work(1);
    if (++depth > MAX_DEPTH) {
      throw new TemplateException(
          Kind.LIMIT, "rendering nests more than " + MAX_DEPTH + " levels deep");
    }
  }

  void leave() {
    depth--;
  }
}
