// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.ptx.text.Statement;

/** A decoded instruction: slots are resolved, nothing is looked up while it runs. */
abstract class Op {
  /** Position in the image, for counters. */
  int opIndex;

  /** Slot of the guard predicate, -1 without. */
  int guard = -1;

  boolean guardNegated;
  int[] readSlots = {};
  int[] writtenSlots = {};
  InstructionClass category = InstructionClass.MOVE;
  Statement statement;

  /**
   * Runs the instruction.
   *
   * @param warp whose pc already points to the next instruction
   * @param mask the lanes that execute it, never 0
   */
  abstract void execute(Warp warp, int mask);
}
