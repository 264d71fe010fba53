// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/**
 * How the interpreter runs kernels.
 *
 * @param seed of the order in which blocks and warps run
 * @param threads host threads that run blocks of a kernel without global atomics; the results do
 *     not depend on it
 * @param instructionBudget warp instructions of one block after which a kernel counts as hanging
 * @param poison fault on reads of memory and registers that nobody wrote
 * @param races fault on unordered accesses
 * @param memoryBytes size of the device memory
 * @param deferred run queued work only when somebody waits for it, so that a missing wait shows
 */
public record InterpreterOptions(
    long seed,
    int threads,
    long instructionBudget,
    boolean poison,
    boolean races,
    long memoryBytes,
    boolean deferred) {
  /** All checks, one thread, work run at once. */
  public static final InterpreterOptions DEFAULT =
      new InterpreterOptions(1, 1, 50_000_000, true, true, 2L << 30, false);

  /** The same with another order of warps. */
  public InterpreterOptions withSeed(long value) {
    return new InterpreterOptions(
        value, threads, instructionBudget, poison, races, memoryBytes, deferred);
  }

  /** The same with blocks run by several host threads. */
  public InterpreterOptions withThreads(int value) {
    return new InterpreterOptions(
        seed, value, instructionBudget, poison, races, memoryBytes, deferred);
  }

  /** The same with another budget. */
  public InterpreterOptions withInstructionBudget(long value) {
    return new InterpreterOptions(seed, threads, value, poison, races, memoryBytes, deferred);
  }

  /** The same without checks of poison and races, for speed. */
  public InterpreterOptions unchecked() {
    return new InterpreterOptions(
        seed, threads, instructionBudget, false, false, memoryBytes, deferred);
  }

  /** The same with queued work run only when somebody waits. */
  public InterpreterOptions withDeferred(boolean value) {
    return new InterpreterOptions(
        seed, threads, instructionBudget, poison, races, memoryBytes, value);
  }
}
