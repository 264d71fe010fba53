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
   * Stores one head of tokens {@code from} to {@code to - 1} in the sides that take them one by
   * one.
   *
   * @param offset where the first token's key and value of that head start in their buffers
   */
  void set(int head, int from, int to, CpuBuffer newKeys, CpuBuffer newValues, int offset) {
    set(keys, head, from, to, newKeys, offset);
    set(values, head, from, to, newValues, offset);
  }

  private static void set(PageSide into, int head, int from, int to, CpuBuffer buffer, int offset) {
    if (into instanceof TokenSide side) {
      for (int token = from; token < to; token++) {
        side.set(head, token, buffer.values(), offset + (token - from) * buffer.columns());
      }
    }
  }

  /** Quantizes blocks of keys that tokens {@code from} to {@code to - 1} have filled. */
  void completeBlocks(int head, int from, int to, KvPage exact, Scratch scratch) {
    if (keys instanceof ChannelSide side) {
      side.complete(head, from, to, exact.keys, scratch);
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
