// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/** A value with attributes of its own. */
interface Attributed {
  /** The type of {@link #ABSENT}. */
  enum Absent {
    ABSENT
  }

  /** Stands for what is not there, since null is a value. */
  Absent ABSENT = Absent.ABSENT;

  /** The attribute's value, or {@link #ABSENT}. */
  Object attribute(String name);
}
