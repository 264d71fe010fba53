// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.CacheLayout;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.tensor.DType;
import java.util.Optional;

/**
 * Where caches of one layout take their pages from.
 *
 * @param lasting pages in the form that is kept: quantized where the layout says so
 * @param exact pages in the base type, kept while they are read or waiting to be quantized; empty
 *     where the scheme has no use for them
 */
record CachePools(PagePool lasting, Optional<PagePool> exact) {
  /**
   * Pools that hold nothing yet.
   *
   * @throws IllegalArgumentException if heads of the layout cannot be quantized in this way
   */
  static CachePools create(CacheLayout layout, DType base) {
    HeadLayout keys = new HeadLayout(true, layout.keyHeads(), layout.headDim());
    HeadLayout values = new HeadLayout(false, layout.keyHeads(), layout.headDim());
    if (layout.scheme().isEmpty()) {
      return new CachePools(exactPages(keys, values, base, true, true), Optional.empty());
    }
    CacheScheme scheme = layout.scheme().get();
    Optional<IntegerGrid> keyGrid =
        Optional.of(scheme).filter(s -> s.keyBits() != 16).map(s -> s.keyGrid(base));
    Optional<IntegerGrid> valueGrid =
        Optional.of(scheme).filter(s -> s.valueBits() != 16).map(s -> s.valueGrid(base));
    keyGrid
        .filter(grid -> !scheme.keysPerChannel())
        .ifPresent(grid -> CodeSide.requireWholeGroups(layout.headDim(), grid));
    valueGrid.ifPresent(grid -> CodeSide.requireWholeGroups(layout.headDim(), grid));
    PagePool lasting =
        new PagePool(() ->
            new KvPage(
                lasting(keys, base, keyGrid, scheme.keysPerChannel()),
                lasting(values, base, valueGrid, false)));
    boolean exactKeys = scheme.keepsExactKeys();
    boolean exactValues = scheme.keepsExactValues();
    return new CachePools(
        lasting,
        exactKeys || exactValues
            ? Optional.of(exactPages(keys, values, base, exactKeys, exactValues))
            : Optional.empty());
  }

  private static PageSide lasting(
      HeadLayout layout, DType base, Optional<IntegerGrid> grid, boolean perChannel) {
    if (grid.isEmpty()) {
      return TokenSide.exact(layout, base);
    }
    return perChannel
        ? ChannelSide.create(layout, grid.get())
        : CodeSide.create(layout, grid.get());
  }

  private static PagePool exactPages(
      HeadLayout keys, HeadLayout values, DType base, boolean withKeys, boolean withValues) {
    return new PagePool(() ->
        new KvPage(
            withKeys ? TokenSide.exact(keys, base) : new AbsentSide(),
            withValues ? TokenSide.exact(values, base) : new AbsentSide()));
  }
}
