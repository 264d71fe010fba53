// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/** A value that can be called. */
interface Callee {
  /** Calls it. */
  Object call(Evaluator evaluator, Arguments arguments);

  /** How it prints. */
  String describe();
}
