// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A list of pages per layer. A fork shares all pages; whoever writes to a shared page first copies
 * it, which happens to the last, unfilled one only.
 */
final class CpuKvCache implements KvCache {
  private final CacheLayout layout;
  private final PagePool pool;
  private final List<List<KvPage>> pages = new ArrayList<>();
  private int length;

  /**
   * An empty cache.
   *
   * @param pool pages of this layout; see {@link #pool}
   */
  CpuKvCache(CacheLayout layout, PagePool pool) {
    this.layout = layout;
    this.pool = pool;
    for (int layer = 0; layer < layout.layers(); layer++) {
      pages.add(new ArrayList<>());
    }
  }

  /** Pages for caches of a layout. */
  static PagePool pool(CacheLayout layout, DType base) {
    Optional<IntegerGrid> keyGrid =
        layout.scheme().filter(s -> s.keyBits() != 16).map(s -> s.keyGrid(base));
    Optional<IntegerGrid> valueGrid =
        layout.scheme().filter(s -> s.valueBits() != 16).map(s -> s.valueGrid(base));
    keyGrid.ifPresent(grid -> CodeSide.requireWholeGroups(layout.headDim(), grid));
    valueGrid.ifPresent(grid -> CodeSide.requireWholeGroups(layout.headDim(), grid));
    HeadLayout keys = new HeadLayout(true, layout.keyHeads(), layout.headDim());
    HeadLayout values = new HeadLayout(false, layout.keyHeads(), layout.headDim());
    return new PagePool(() ->
        new KvPage(PageSide.create(keys, base, keyGrid), PageSide.create(values, base, valueGrid)));
  }

  CacheLayout layout() {
    return layout;
  }

  /** The page of a position that holds tokens already. */
  KvPage page(int layer, int index) {
    return pages.get(layer).get(index);
  }

  /** Makes the pages of positions {@code from} to {@code to - 1} writable. */
  void reserve(int layer, int from, int to) {
    List<KvPage> list = pages.get(layer);
    int first = from / HeadLayout.PAGE;
    if (first > list.size() || (first == list.size() && from % HeadLayout.PAGE != 0)) {
      throw new IllegalArgumentException(
          "tokens from position %d on would leave a gap: layer %d has %d pages of %d tokens"
              .formatted(from, layer, list.size(), HeadLayout.PAGE));
    }
    for (int index = first; index * HeadLayout.PAGE < to; index++) {
      if (index == list.size()) {
        list.add(pool.take());
      } else if (list.get(index).isShared()) {
        KvPage shared = list.get(index);
        KvPage own = pool.take();
        own.copyFrom(shared);
        list.set(index, own);
        pool.give(shared);
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
  }

  @Override
  public CpuKvCache fork() {
    CpuKvCache fork = new CpuKvCache(layout, pool);
    int count = HeadLayout.pages(length);
    for (int layer = 0; layer < layout.layers(); layer++) {
      List<KvPage> shared = pages.get(layer).subList(0, count);
      shared.forEach(KvPage::hold);
      fork.pages.get(layer).addAll(shared);
    }
    fork.length = length;
    return fork;
  }

  @Override
  public long bytes() {
    return pages.stream().flatMap(List::stream).mapToLong(KvPage::bytes).sum();
  }

  @Override
  public void close() {
    for (List<KvPage> list : pages) {
      list.forEach(pool::give);
      list.clear();
    }
    length = 0;
  }
}
