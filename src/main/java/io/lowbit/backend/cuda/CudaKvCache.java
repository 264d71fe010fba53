// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.KvCache;
import io.lowbit.backend.cuda.CudaPagePool.Page;
import io.lowbit.backend.cuda.CudaPagePool.Side;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pages of one sequence. A fork shares all pages; whoever writes to a shared one first copies it.
 * Where keys or values are packed, exact pages live only as long as a later query may read them.
 */
public final class CudaKvCache implements KvCache {
  private final CudaPagePool pool;
  // Null where a page has been given back.
  private final Map<Side, List<Page>> pages = new EnumMap<>(Side.class);
  private int length;
  private long revision;

  CudaKvCache(CudaPagePool pool) {
    this.pool = pool;
    for (Side side : Side.values()) {
      if (pool.has(side)) {
        pages.put(side, new ArrayList<>());
      }
    }
  }

  CudaPagePool pool() {
    return pool;
  }

  /** Grows with every change of the addresses of pages and of who shares them. */
  long revision() {
    return revision;
  }

  /** Where a page of a side is; empty if the cache has none there. */
  public Optional<DevicePointer> page(Side side, int index) {
    List<Page> list = pages.get(side);
    return list == null || index >= list.size()
        ? Optional.empty()
        : Optional.ofNullable(list.get(index)).map(Page::pointer);
  }

  /** Makes the pages of positions {@code from} to {@code to - 1} writable. */
  void reserve(int from, int to) {
    pages.forEach((side, list) -> requireNoGap(side, list, from));
    int first = from / CacheSide.PAGE;
    int end = Math.ceilDiv(to, CacheSide.PAGE);
    pages.forEach((side, list) -> {
      for (int index = first; index < end; index++) {
        if (index == list.size()) {
          list.add(pool.take(side));
        } else if (list.get(index) == null) {
          list.set(index, pool.take(side));
        } else if (list.get(index).isShared()) {
          list.set(index, pool.copyOf(list.get(index)));
        } else {
          continue;
        }
        revision++;
      }
    });
  }

  private void requireNoGap(Side side, List<Page> list, int from) {
    int first = from / CacheSide.PAGE;
    int readable = from % CacheSide.PAGE == 0 ? first : first + 1;
    if (from < 0 || readable > list.size()) {
      throw new IllegalArgumentException(
          "tokens from position %d on would leave a gap: the cache has %d pages of %d tokens"
              .formatted(from, list.size(), CacheSide.PAGE));
    }
    if (!side.exact()) {
      return;
    }
    int needed = pool.half(side).keepFrom(from);
    for (int index = needed / CacheSide.PAGE; index < readable; index++) {
      if (list.get(index) == null) {
        throw new IllegalArgumentException(
            ("tokens from position %d on read the exact %s from position %d on, but page %d has"
                    + " been given back when the cache advanced to %d tokens; go on from there, or"
                    + " start again from 0")
                .formatted(from, side.keys() ? "keys" : "values", needed, index, length));
      }
    }
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public void advance(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("a cache cannot hold " + length + " tokens");
    }
    this.length = length;
    pages.forEach((side, list) -> {
      if (side.exact()) {
        int needless = pool.half(side).keepFrom(length) / CacheSide.PAGE;
        for (int index = 0; index < Math.min(needless, list.size()); index++) {
          giveBack(list, index);
        }
      }
    });
  }

  private void giveBack(List<Page> list, int index) {
    if (list.get(index) != null) {
      pool.give(list.get(index));
      list.set(index, null);
      revision++;
    }
  }

  @Override
  public CudaKvCache fork() {
    CudaKvCache fork = new CudaKvCache(pool);
    int count = Math.ceilDiv(length, CacheSide.PAGE);
    pages.forEach((side, list) -> {
      for (Page page : list.subList(0, Math.min(count, list.size()))) {
        if (page != null) {
          page.hold();
        }
        fork.pages.get(side).add(page);
      }
    });
    fork.length = length;
    revision++;
    return fork;
  }

  @Override
  public long bytes() {
    return pages.values().stream()
        .flatMap(List::stream)
        .filter(page -> page != null)
        .mapToLong(Page::bytes)
        .sum();
  }

  @Override
  public void close() {
    for (List<Page> list : pages.values()) {
      list.removeAll(Collections.singleton(null));
      list.forEach(pool::give);
      list.clear();
    }
    length = 0;
    revision++;
  }
}
