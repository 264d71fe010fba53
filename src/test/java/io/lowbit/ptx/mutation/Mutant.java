// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.mutation;

/**
 * A change of one instruction.
 *
 * @param entry the kernel that it breaks
 * @param line of the module's text, from 1
 * @param original the line
 * @param replacement what stands there instead, empty if the instruction is dropped
 * @param condition the instructions that computed the predicate of its guard, empty without a guard
 */
record Mutant(String entry, int line, String original, String replacement, String condition) {
  Mutant(String entry, int line, String original, String replacement) {
    this(entry, line, original, replacement, "");
  }

  /** Whether it drops a barrier, a fence, a commit, a wait, a branch or a guard. */
  boolean ofControl() {
    String rest = replacement.strip();
    return rest.isEmpty()
        || rest.equals("{")
        || (original.strip().startsWith("@") && !rest.startsWith("@"));
  }

  /** Entry, line, the condition of a guard, and the change. */
  @Override
  public String toString() {
    return "%s, line %,d: %s%s -> %s"
        .formatted(
            entry,
            line,
            condition.isEmpty() ? "" : "if " + tidy(condition) + " ",
            tidy(original),
            replacement.isBlank() ? "nothing" : tidy(replacement));
  }

  private static String tidy(String line) {
    return line.strip().replaceAll("\\s+", " ");
  }
}
