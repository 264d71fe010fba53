// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

/** How an instruction touches memory. */
enum AccessKind {
  READ,
  /** Through the read-only path: nobody may write during the launch. */
  READ_CONSTANT,
  WRITE,
  /** Volatile, relaxed or acquire. */
  STRONG_READ,
  /** Volatile, relaxed or release. */
  STRONG_WRITE,
  /** Reads and writes at once. */
  ATOMIC;

  boolean reads() {
    return this != WRITE && this != STRONG_WRITE;
  }

  boolean writes() {
    return this == WRITE || this == STRONG_WRITE || this == ATOMIC;
  }

  boolean strong() {
    return this == STRONG_READ || this == STRONG_WRITE || this == ATOMIC;
  }
}
