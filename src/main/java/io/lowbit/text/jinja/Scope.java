// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, and the scope around them. */
final class Scope {
  private final Scope parent;
  private final Map<String, Object> variables;

  private Scope(Scope parent, Map<String, Object> variables) {
    this.parent = parent;
    this.variables = variables;
  }

  /** An outermost scope. */
  static Scope of(Map<String, Object> variables) {
    return new Scope(null, variables);
  }

  /** A scope inside this one. */
  Scope child() {
    return new Scope(this, new HashMap<>());
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  /** Whether this very scope has the variable. */
  boolean holds(String name) {
    return variables.containsKey(name);
  }

  /** The variable's value here or further out, or {@link Attributed#ABSENT}. */
  Object find(String name) {
    for (Scope scope = this; scope != null; scope = scope.parent) {
      Object value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) {
        return value;
      }
    }
    return Attributed.ABSENT;
  }
}
