// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;

/** Keys and values of {@link HeadLayout#PAGE} consecutive tokens in one layer, in one form. */
final class KvPage {
  private final PageSide keys;
  private final PageSide values;
  private final AtomicInteger holders = new AtomicInteger();

  KvPage(PageSide keys, PageSide values) {
    this.keys = keys;
    this.values = values;
  }

  PageSide keys() {
    return keys;
  }

  PageSide values() {
    return values;
  }

  /**
   * Stores one head of one token in the sides that take tokens one by one.
   *
   * @param offset where the head's key and its value start
   */
  void set(int head, int token, float[] newKeys, float[] newValues, int offset) {
    if (keys instanceof TokenSide side) {
      side.set(head, token, newKeys, offset);
    }
    if (values instanceof TokenSide side) {
      side.set(head, token, newValues, offset);
    }
  }

  /** Counts one cache more that reads the page. */
  void hold() {
    holders.incrementAndGet();
  }

  /** Counts one cache less; says whether it was the last. */
  boolean release() {
    return holders.decrementAndGet() == 0;
  }

  /** Whether several caches read the page, so that none may write to it. */
  boolean isShared() {
    return holders.get() > 1;
  }

  void copyFrom(KvPage other) {
    keys.copyFrom(other.keys);
    values.copyFrom(other.values);
  }

  void clear() {
    keys.clear();
    values.clear();
  }

  long bytes() {
    return keys.bytes() + values.bytes();
  }
}
