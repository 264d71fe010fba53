// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * Pages of one layout and form that are used again, for the reason that {@link ArrayPool} gives.
 */
final class PagePool {
  private final Supplier<KvPage> maker;
  private final Deque<KvPage> free = new ArrayDeque<>();
  private int made;

  PagePool(Supplier<KvPage> maker) {
    this.maker = maker;
  }

  /** An empty page that the caller holds. */
  KvPage take() {
    KvPage page = next();
    page.hold();
    return page;
  }

  private synchronized KvPage next() {
    if (free.isEmpty()) {
      made++;
      return maker.get();
    }
    KvPage page = free.pop();
    page.clear();
    return page;
  }

  /** Pages that exist, in use or free: as many as were once in use together. */
  synchronized int size() {
    return made;
  }

  /** Ends the caller's hold. */
  void give(KvPage page) {
    if (page.release()) {
      synchronized (this) {
        free.push(page);
      }
    }
  }
}
