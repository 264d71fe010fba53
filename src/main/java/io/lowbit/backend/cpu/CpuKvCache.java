// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.quant.CacheScheme;
import java.util.ArrayList;
import java.util.List;

/**
 * Pages of each layer. Where a scheme leaves the latest tokens unquantized there are two lists of
 * them: one with the lasting form of all tokens, and one with the exact form of those that some
 * position still reads exactly. A token is quantized when it comes, so a pass over many tokens
 * finds for each position the form that a decoder would have read there.
 */
final class CpuKvCache implements KvCache {
  private final CacheLayout layout;
  private final CachePools pools;
  private final boolean keepsExactKeys;
  private final boolean keepsExactValues;
  private final List<PageList> lasting = new ArrayList<>();
  // Per layer, or empty where there is no second form.
  private final List<PageList> exact = new ArrayList<>();
  private int length;

  // The layer whose tokens before attendedEnd have been attended from, and may be attended from
  // again until another layer or later tokens follow.
  private int attendedLayer;
  private int attendedEnd;

  /**
   * An empty cache.
   *
   * @param pools pages of this layout
   */
  CpuKvCache(CacheLayout layout, CachePools pools) {
    this.layout = layout;
    this.pools = pools;
    keepsExactKeys = layout.scheme().filter(CacheScheme::keepsExactKeys).isPresent();
    keepsExactValues = layout.scheme().filter(CacheScheme::keepsExactValues).isPresent();
    for (int layer = 0; layer < layout.layers(); layer++) {
      lasting.add(new PageList(pools.lasting()));
      pools.exact().ifPresent(pool -> exact.add(new PageList(pool)));
    }
  }

  CacheLayout layout() {
    return layout;
  }

  CachePools pools() {
    return pools;
  }

  /** The lasting form of a page of positions that hold tokens already. */
  KvPage page(int layer, int index) {
    return lasting.get(layer).page(index);
  }

  /** The exact form of a page in which some position still reads it. */
  KvPage exactPage(int layer, int index) {
    return exact.get(layer).page(index);
  }

  /**
   * How many of the first keys a query at a position reads in their lasting form; all if there is
   * no other.
   */
  int lastingKeys(int position) {
    return keepsExactKeys ? scheme().quantizedKeys(position) : Integer.MAX_VALUE;
  }

  /** As {@link #lastingKeys}, for values. */
  int lastingValues(int position) {
    return keepsExactValues ? scheme().quantizedValues(position) : Integer.MAX_VALUE;
  }

  private CacheScheme scheme() {
    return layout.scheme().orElseThrow();
  }

  /** Makes the pages of positions {@code from} to {@code to - 1} writable in every form. */
  void reserve(int layer, int from, int to) {
    PageList pages = lasting.get(layer);
    if (!pages.holds(0, from)) {
      throw new IllegalArgumentException(
          "tokens from position %d on would leave a gap: layer %d has pages up to position %d"
              .formatted(from, layer, pages.end() - 1));
    }
    if (!exact.isEmpty()) {
      if (layer != attendedLayer || from >= attendedEnd) {
        release(attendedLayer, attendedEnd);
      }
      requireExact(layer, from);
      exact.get(layer).reserve(from, to);
    }
    pages.reserve(from, to);
  }

  private void requireExact(int layer, int from) {
    int first = scheme().exactFrom(from);
    if (!exact.get(layer).holds(first, from)) {
      throw new IllegalArgumentException(
          ("tokens from position %d on read positions %d to %d unquantized, but layer %d has gone on"
                  + " and keeps them quantized only; fork a cache before it is continued")
              .formatted(from, first, from - 1, layer));
    }
  }

  /**
   * Stores one head of those tokens of a span that belong to a page, in every form.
   *
   * @param keys {@code [rows, heads * headDim]}, as values
   */
  void append(
      int layer,
      int head,
      int index,
      Span span,
      CpuBuffer keys,
      CpuBuffer values,
      Scratch scratch) {
    int start = index * HeadLayout.PAGE;
    int from = Math.max(span.position() - start, 0);
    int to = Math.min(span.position() + span.tokens() - start, HeadLayout.PAGE);
    int row = span.row() + start + from - span.position();
    int offset = row * keys.columns() + head * layout.headDim();
    KvPage page = page(layer, index);
    page.set(head, from, to, keys, values, offset);
    if (!exact.isEmpty()) {
      KvPage exactPage = exactPage(layer, index);
      exactPage.set(head, from, to, keys, values, offset);
      page.completeBlocks(head, from, to, exactPage, scratch);
    }
  }

  /**
   * Notes that tokens before {@code end} of a layer have been attended from. Once another layer or
   * later tokens follow, what only they read exactly is given back: a long pass then holds one
   * layer in both forms, not all of them.
   */
  void attended(int layer, int end) {
    attendedLayer = layer;
    attendedEnd = end;
  }

  /** Gives back the exact form of what tokens after the first {@code tokens} do not need. */
  private void release(int layer, int tokens) {
    exact.get(layer).release(scheme().exactFrom(tokens));
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
    if (!exact.isEmpty()) {
      for (int layer = 0; layer < layout.layers(); layer++) {
        release(layer, length);
      }
      attendedEnd = 0;
    }
  }

  @Override
  public CpuKvCache fork() {
    CpuKvCache fork = new CpuKvCache(layout, pools);
    for (int layer = 0; layer < lasting.size(); layer++) {
      fork.lasting.set(layer, lasting.get(layer).fork(length));
    }
    for (int layer = 0; layer < exact.size(); layer++) {
      fork.exact.set(layer, exact.get(layer).fork(length));
    }
    fork.length = length;
    return fork;
  }

  @Override
  public long bytes() {
    return bytes(lasting) + bytes(exact);
  }

  private static long bytes(List<PageList> lists) {
    return lists.stream().mapToLong(PageList::bytes).sum();
  }

  @Override
  public void close() {
    lasting.forEach(PageList::close);
    exact.forEach(PageList::close);
    length = 0;
    attendedEnd = 0;
  }
}
