// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

import java.util.Locale;
import java.util.Optional;

/** State spaces of variables and of memory instructions. */
public enum Space {
  GLOBAL,
  SHARED,
  LOCAL,
  CONST,
  PARAM,
  GENERIC;

  /** The space of a suffix such as {@code global} or {@code shared::cta}. */
  public static Optional<Space> of(String suffix) {
    String name = suffix.split("::", 2)[0].toUpperCase(Locale.ROOT);
    for (Space space : values()) {
      if (space != GENERIC && space.name().equals(name)) {
        return Optional.of(space);
      }
    }
    return Optional.empty();
  }
}
