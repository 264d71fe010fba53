// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import io.lowbit.text.jinja.Options.Dialect;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The filters, tests and global functions of one dialect.
 *
 * @param globals variables that are there unless the context has them
 */
record Builtins(
    Map<String, Builtin> filters, Map<String, Builtin> tests, Map<String, Object> globals) {
  private static final Map<Dialect, Builtins> BY_DIALECT =
      Map.of(
          Dialect.PLAIN, create(Dialect.PLAIN),
          Dialect.CHAT, create(Dialect.CHAT),
          Dialect.HARNESS, create(Dialect.HARNESS));

  static Builtins of(Dialect dialect) {
    return BY_DIALECT.get(dialect);
  }

  Optional<Builtin> filter(String name) {
    return Optional.ofNullable(filters.get(name));
  }

  Optional<Builtin> test(String name) {
    return Optional.ofNullable(tests.get(name));
  }

  private static Builtins create(Dialect dialect) {
    Map<String, Builtin> filters = new HashMap<>();
    List.of(
            TextFilters.ALL,
            SequenceFilters.ALL,
            SelectionFilters.ALL,
            ValueFilters.ALL,
            ValueFilters.of(dialect))
        .forEach(group -> register(group, filters));
    alias(filters, "count", "length");
    alias(filters, "d", "default");
    alias(filters, "e", "escape");
    Map<String, Builtin> tests = new HashMap<>();
    register(Tests.ALL, tests);
    return new Builtins(Map.copyOf(filters), Map.copyOf(tests), Globals.of(dialect));
  }

  private static void register(Collection<Builtin> group, Map<String, Builtin> table) {
    group.forEach(b -> table.put(b.name(), b));
  }

  private static void alias(Map<String, Builtin> table, String alias, String name) {
    table.put(alias, table.get(name));
  }
}
