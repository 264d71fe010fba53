// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive pages of one layer. A fork shares all pages; whoever writes to a shared page first
 * copies it, which happens to the last, unfilled one only.
 */
final class PageList {
  private static final int PAGE = HeadLayout.PAGE;

  private final PagePool pool;
  private final List<KvPage> pages = new ArrayList<>();
  // Index of pages.get(0): those before it have been given back.
  private int first;

  PageList(PagePool pool) {
    this.pool = pool;
  }

  /** The page with an index that {@link #holds}. */
  KvPage page(int index) {
    return pages.get(index - first);
  }

  /** Whether the pages of positions {@code from} to {@code to - 1} are here. */
  boolean holds(int from, int to) {
    return from >= to || (from / PAGE >= first && (to - 1) / PAGE < first + pages.size());
  }

  /** Position after the last one there is a page for. */
  int end() {
    return (first + pages.size()) * PAGE;
  }

  /**
   * Makes the pages of positions {@code from} to {@code to - 1} writable. Earlier pages that are
   * needed are here; if the page of {@code from} lies before them all, none is.
   */
  void reserve(int from, int to) {
    int index = from / PAGE;
    if (pages.isEmpty() || index < first) {
      close();
      first = index;
    }
    for (; index * PAGE < to; index++) {
      if (index == first + pages.size()) {
        pages.add(pool.take());
      } else if (page(index).isShared()) {
        KvPage shared = page(index);
        KvPage own = pool.take();
        own.copyFrom(shared);
        pages.set(index - first, own);
        pool.give(shared);
      }
    }
  }

  /** Gives back the pages that hold positions before {@code position} only. */
  void release(int position) {
    int count = Math.clamp(position / PAGE - first, 0, pages.size());
    List<KvPage> released = pages.subList(0, count);
    released.forEach(pool::give);
    released.clear();
    first += count;
  }

  /** The same pages of the first {@code tokens} positions, for another cache. */
  PageList fork(int tokens) {
    PageList fork = new PageList(pool);
    int count = Math.clamp(HeadLayout.pages(tokens) - first, 0, pages.size());
    List<KvPage> shared = pages.subList(0, count);
    shared.forEach(KvPage::hold);
    fork.pages.addAll(shared);
    fork.first = first;
    return fork;
  }

  long bytes() {
    return pages.stream().mapToLong(KvPage::bytes).sum();
  }

  /** Gives all pages back. */
  void close() {
    pages.forEach(pool::give);
    pages.clear();
    first = 0;
  }
}
