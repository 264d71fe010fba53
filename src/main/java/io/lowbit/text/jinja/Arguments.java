// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.List;
import java.util.Map;

/** The values a function is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  static Arguments of(Object... positional) {
    return new Arguments(Tuple.of(positional).items(), Map.of());
  }

  /** These arguments without the first so many positional ones. */
  Arguments from(int first) {
    return new Arguments(positional.subList(first, positional.size()), named);
  }
}
