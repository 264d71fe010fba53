// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A sequence that cannot change.
 *
 * @param items the elements
 * @param names attributes under which the elements can be had as well; empty for a plain tuple
 */
record Tuple(List<Object> items, List<String> names) implements Attributed {
  static Tuple of(Object... items) {
    return new Tuple(Collections.unmodifiableList(Arrays.asList(items)), List.of());
  }

  static Tuple of(List<Object> items) {
    return new Tuple(Collections.unmodifiableList(items), List.of());
  }

  @Override
  public Object attribute(String name) {
    int index = names.indexOf(name);
    return index < 0 ? ABSENT : items.get(index);
  }
}
