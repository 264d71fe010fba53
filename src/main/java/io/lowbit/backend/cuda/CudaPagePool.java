// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.CacheLayout;
import io.lowbit.tensor.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Device pages of caches of one layout, used again when their last cache gives them back. All work
 * on pages is queued on one stream, so a page may be taken while earlier work on it is pending.
 */
public final class CudaPagePool implements AutoCloseable {
  /** The sides of a cache, in the order of the kernels' table of addresses. */
  public enum Side {
    /** Keys in the base type. */
    EXACT_KEYS,
    /** Keys as codes. */
    PACKED_KEYS,
    /** Values in the base type. */
    EXACT_VALUES,
    /** Values as codes. */
    PACKED_VALUES;

    boolean keys() {
      return this == EXACT_KEYS || this == PACKED_KEYS;
    }

    boolean exact() {
      return this == EXACT_KEYS || this == EXACT_VALUES;
    }
  }

  /** A page of one side: 64 tokens of all layers. */
  static final class Page {
    private final Side side;
    private final DeviceMemory memory;
    private int holders;

    private Page(Side side, DeviceMemory memory) {
      this.side = side;
      this.memory = memory;
    }

    DevicePointer pointer() {
      return memory.pointer();
    }

    long bytes() {
      return memory.bytes();
    }

    /** Counts one cache more that reads the page. */
    void hold() {
      holders++;
    }

    /** Whether several caches read the page, so that none may write to it. */
    boolean isShared() {
      return holders > 1;
    }
  }

  private final Kernels kernels;
  private final CacheLayout layout;
  private final DType base;
  private final CacheSide keys;
  private final CacheSide values;
  private final Map<Side, Deque<Page>> free = new EnumMap<>(Side.class);
  private final List<Page> all = new ArrayList<>();

  /**
   * An empty pool.
   *
   * @param base F16 or BF16
   * @throws IllegalArgumentException if the kernels have no such cache
   */
  public CudaPagePool(Kernels kernels, CacheLayout layout, DType base) {
    if (base != DType.F16 && base != DType.BF16) {
      throw new IllegalArgumentException(
          "a cache on the GPU has the base type F16 or BF16, not " + base);
    }
    this.kernels = kernels;
    this.layout = layout;
    this.base = base;
    this.keys = CacheSide.of(layout, true);
    this.values = CacheSide.of(layout, false);
    for (Side side : Side.values()) {
      free.put(side, new ArrayDeque<>());
    }
  }

  /** What the caches hold. */
  public CacheLayout layout() {
    return layout;
  }

  /** Type of exact entries. */
  public DType base() {
    return base;
  }

  /** How keys are kept. */
  public CacheSide keys() {
    return keys;
  }

  /** How values are kept. */
  public CacheSide values() {
    return values;
  }

  /** An empty cache. */
  public CudaKvCache newCache() {
    return new CudaKvCache(this);
  }

  CacheSide half(Side side) {
    return side.keys() ? keys : values;
  }

  /** Whether caches of this layout have a side. */
  boolean has(Side side) {
    return side.exact() ? half(side).exact() : half(side).packed();
  }

  /** Bytes of a page. */
  long pageBytes(Side side) {
    CacheSide half = half(side);
    return layout.layers() * (side.exact() ? half.exactBytes() : half.packedBytes());
  }

  /** A page that the caller holds, of undefined content. */
  Page take(Side side) {
    Page page = free.get(side).isEmpty() ? allocate(side) : free.get(side).pop();
    page.hold();
    return page;
  }

  private Page allocate(Side side) {
    long bytes = pageBytes(side);
    try {
      Page page = new Page(side, kernels.driver().allocate(bytes));
      all.add(page);
      return page;
    } catch (GpuException e) {
      if (e.code() != GpuException.OUT_OF_MEMORY) {
        throw e;
      }
      MemoryState memory = kernels.driver().memory();
      throw new GpuException(
          e.code(),
          e.codeName(),
          ("the cache needs %,d bytes more for %d tokens of %s in %d layers, and %,d of %,d are"
                  + " free; run fewer sequences at a time, shorten the context, or take a cache"
                  + " scheme of fewer bits such as kv4")
              .formatted(
                  bytes,
                  CacheSide.PAGE,
                  side.keys() ? "keys" : "values",
                  layout.layers(),
                  memory.freeBytes(),
                  memory.totalBytes()),
          "",
          Optional.empty(),
          e);
    }
  }

  /** A page with the content of another, which loses one holder. */
  Page copyOf(Page shared) {
    Page own = take(shared.side);
    kernels.stream().copy(own.pointer(), shared.pointer(), shared.bytes());
    give(shared);
    return own;
  }

  /** Ends the caller's hold. */
  void give(Page page) {
    page.holders--;
    if (page.holders == 0) {
      free.get(page.side).push(page);
    }
  }

  /** Frees all pages; the caches must not be used any more. */
  @Override
  public void close() {
    kernels.stream().synchronize();
    all.forEach(page -> page.memory.close());
    all.clear();
    free.values().forEach(Deque::clear);
  }
}
