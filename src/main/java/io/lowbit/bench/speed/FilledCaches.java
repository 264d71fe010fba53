// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.CacheSide;
import io.lowbit.backend.cuda.CudaKvCache;
import io.lowbit.backend.cuda.CudaPagePool;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.SpanTables;
import io.lowbit.quant.CacheScheme;
import io.lowbit.quant.Scheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Caches of several sequences of one length; the layers are the copies that calls take in turn.
 * Token t of every sequence has the keys and values of row {@code t % block} of a block of normal
 * numbers.
 */
final class FilledCaches {
  private static final int BLOCK_TOKENS = 1024;

  private final Workbench bench;
  private final int tokens;
  private final Normals keyBlock;
  private final Normals valueBlock;
  private final CudaPagePool pool;
  private final SpanTables tables;
  private final List<CudaKvCache> caches = new ArrayList<>();

  /**
   * Empty caches.
   *
   * @param tokens of each sequence once it is filled, a multiple of 64
   * @param layers number of copies; empty = as many as rotation wants
   */
  FilledCaches(
      Workbench bench,
      DeviceScope scope,
      HeadShape heads,
      Scheme scheme,
      int sequences,
      int tokens,
      Optional<Integer> layers) {
    if (tokens < CacheSide.PAGE || tokens % CacheSide.PAGE != 0) {
      throw new IllegalArgumentException(
          "caches of %d tokens; timed ones have a multiple of %d"
              .formatted(tokens, CacheSide.PAGE));
    }
    this.bench = bench;
    this.tokens = tokens;
    int rows = Math.min(BLOCK_TOKENS, tokens);
    keyBlock = Normals.of(1, rows, heads.keyWidth(), 1, Workbench.TYPE);
    valueBlock = Normals.of(2, rows, heads.keyWidth(), 1, Workbench.TYPE);
    long bytes = bytesPerLayer(heads, scheme.cache(), sequences, tokens);
    int count = layers.orElseGet(() -> bench.copies(bytes));
    pool =
        scope.keep(
            new CudaPagePool(
                bench.kernels,
                new CacheLayout(count, heads.keyHeads(), heads.dim(), scheme.cache()),
                Workbench.TYPE));
    tables = scope.keep(new SpanTables(bench.kernels));
    for (int i = 0; i < sequences; i++) {
      caches.add(pool.newCache());
    }
  }

  /** Bytes that a query at the end of each sequence reads in one layer. */
  static long bytesPerLayer(
      HeadShape heads, Optional<CacheScheme> scheme, int sequences, int tokens) {
    CacheLayout layout = new CacheLayout(1, heads.keyHeads(), heads.dim(), scheme);
    long page = 0;
    for (boolean keys : new boolean[] {true, false}) {
      CacheSide side = CacheSide.of(layout, keys);
      page += side.packed() ? side.codeBytes() + side.gridBytes() : side.exactValueBytes();
    }
    return page * (tokens / CacheSide.PAGE) * sequences;
  }

  /**
   * Fills all but the last token of each sequence, then puts these into one batch of a row each.
   */
  void fillForDecode(DeviceScope scope) {
    try (DeviceScope temporary = new DeviceScope(bench.kernels)) {
      DeviceMatrix keys = temporary.repeated(keyBlock, keyBlock.rows());
      DeviceMatrix values = temporary.repeated(valueBlock, valueBlock.rows());
      for (CudaKvCache cache : caches) {
        for (int from = 0; from < tokens - 1; from += keyBlock.rows()) {
          int count = Math.min(keyBlock.rows(), tokens - 1 - from);
          tables.prepare(List.of(new Span(cache, from, 0, count)), count);
          append(keys.rows(0, count), values.rows(0, count));
          cache.advance(from + count);
        }
      }
    }
    int last = (tokens - 1) % keyBlock.rows();
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < caches.size(); i++) {
      spans.add(new Span(caches.get(i), tokens - 1, i, 1));
    }
    tables.prepare(spans, spans.size());
    append(
        scope.repeated(row(keyBlock, last), spans.size()),
        scope.repeated(row(valueBlock, last), spans.size()));
  }

  /** Puts all tokens of the sequences into one batch. */
  void fillForPrefill(DeviceScope scope) {
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < caches.size(); i++) {
      spans.add(new Span(caches.get(i), 0, i * tokens, tokens));
    }
    int rows = caches.size() * tokens;
    tables.prepare(spans, rows);
    append(scope.repeated(keyBlock, rows), scope.repeated(valueBlock, rows));
  }

  private void append(DeviceMatrix keys, DeviceMatrix values) {
    for (int layer = 0; layer < copies(); layer++) {
      bench.append.run(layer, keys, values, tables);
    }
    bench.kernels.synchronize();
  }

  private static Normals row(Normals block, int row) {
    int width = block.columns();
    float[] values = Arrays.copyOfRange(block.values(), row * width, (row + 1) * width);
    return new Normals(1, width, block.type(), values);
  }

  int copies() {
    return pool.layout().layers();
  }

  SpanTables tables() {
    return tables;
  }

  Normals keyBlock() {
    return keyBlock;
  }

  Normals valueBlock() {
    return valueBlock;
  }
}
