// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.List;

/** What {@code keys()}, {@code values()} and {@code items()} of a mapping give. */
record DictView(Part part, Dict dict) {
  enum Part {
    KEYS,
    VALUES,
    ITEMS
  }

  List<Object> toList() {
    return switch (part) {
      case KEYS -> dict.keys();
      case VALUES -> dict.values();
      case ITEMS -> dict.pairs();
    };
  }
}
