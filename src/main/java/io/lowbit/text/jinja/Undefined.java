// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.TemplateException.Kind;

/**
 * The value of what does not exist. It prints as nothing and is false; most other uses fail.
 *
 * @param reason the sentence such a failure gives
 * @param kind {@link Kind#UNDEFINED}, or {@link Kind#SECURITY} for what exists but is out of bounds
 * @param strict even printing and asking for the truth value fails
 */
record Undefined(String reason, Kind kind, boolean strict) {
  TemplateException failure() {
    return new TemplateException(kind, reason);
  }

  /** Fails if this is strict; for uses that are harmless otherwise. */
  void permit() {
    if (strict) {
      throw failure();
    }
  }
}
