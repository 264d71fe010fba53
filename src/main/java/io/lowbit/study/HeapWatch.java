// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

/**
 * Asks for a collection where it pays. Java's serial collector enlarges the old generation up to
 * the heap's limit before it cleans it, and the limit is most of the machine: what planning and
 * loading leave behind would stay for the whole run, and what a run drops would pile up.
 */
final class HeapWatch {
  /** A collection takes about a tenth of a second; so much must have come together for one. */
  private static final long WORTH_BYTES = 64L << 20;

  private long live;

  /** Cleans up what came before. */
  HeapWatch() {
    collect();
  }

  /** Collects if most of the heap in use is new since the last collection. */
  void check() {
    if (used() > 2 * live + WORTH_BYTES) {
      collect();
    }
  }

  private void collect() {
    System.gc();
    live = used();
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
