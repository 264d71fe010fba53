// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/** Keys and values of one sequence in all layers, exactly as a decoder would have stored them. */
public interface KvCache extends AutoCloseable {
  /** Tokens stored so far (in every layer, once a pass is complete). */
  int length();

  /** Declares that all layers now hold {@code length} tokens. */
  void advance(int length);

  /**
   * A cache that continues from the present state on its own; shared tokens are not copied more
   * than a page at most.
   */
  KvCache fork();

  /** Bytes held by this sequence, shared pages counted in full. */
  long bytes();

  @Override
  void close();
}
