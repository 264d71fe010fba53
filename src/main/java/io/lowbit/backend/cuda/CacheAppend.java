// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Span;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Stores new keys and values in the pages of their caches, exactly, as codes, or both. Codes,
 * scales and zero points are those of {@link io.lowbit.quant.RowQuantizer} in exact arithmetic, bit
 * for bit.
 */
public final class CacheAppend {
  private static final String MODULE = "cache_append";
  private static final int ROWS_PER_BLOCK = 4;
  private static final int WARP = 32;
  private static final int STRUCT_BYTES = 208;

  private final Kernels kernels;
  private final ByteBuffer struct =
      ByteBuffer.allocateDirect(STRUCT_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** A launcher of the shipped kernels. */
  public CacheAppend(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Queues the storing of the spans' tokens in one layer.
   *
   * @param keys {@code [rows, keyHeads * headDim]} in the caches' base type
   * @param values as keys
   * @param tables prepared for the batch
   */
  public void run(int layer, DeviceMatrix keys, DeviceMatrix values, SpanTables tables) {
    if (tables.rows() == 0 || tables.list().isEmpty()) {
      return;
    }
    CudaPagePool pool = tables.pool();
    int width = pool.layout().keyHeads() * pool.layout().headDim();
    keys.requireShape("keys", tables.rows(), width);
    values.requireShape("values", tables.rows(), width);
    Attention.requireType("keys", keys, pool);
    Attention.requireType("values", values, pool);
    Attention.requireLayer(layer, pool);
    int blocks = pool.keys().perChannel() ? mostBlocks(tables.list(), pool.keys()) : 0;
    write(layer, keys, values, tables, blocks);
    int heads = pool.layout().keyHeads();
    launch(
        keys,
        "tokens",
        new Dim3(Math.ceilDiv(tables.rows(), ROWS_PER_BLOCK), heads, 2),
        WARP * ROWS_PER_BLOCK);
    if (blocks > 0) {
      launch(keys, "channels", Dim3.of(tables.list().size() * blocks, heads), WARP);
    }
  }

  /** Most blocks of tokens that one span completes. */
  private static int mostBlocks(List<Span> spans, CacheSide keys) {
    int tokens = keys.blockTokens();
    return spans.stream()
        .mapToInt(s -> (s.position() + s.tokens()) / tokens - s.position() / tokens)
        .max()
        .orElse(0);
  }

  private void write(
      int layer, DeviceMatrix keys, DeviceMatrix values, SpanTables tables, int blocks) {
    CudaPagePool pool = tables.pool();
    struct
        .clear()
        .putLong(keys.data().address())
        .putLong(values.data().address())
        .putLong(tables.positions().address())
        .putLong(tables.spanOfRow().address())
        .putLong(tables.spans().address())
        .putLong(tables.pages().address());
    pool.keys().write(struct, layer);
    pool.values().write(struct, layer);
    struct
        .putInt(pool.keys().bits())
        .putInt(pool.values().bits())
        .putInt(keys.stride())
        .putInt(values.stride())
        .putInt(tables.rows())
        .putInt(pool.layout().headDim())
        .putInt(blocks)
        .putInt(0)
        .flip();
  }

  private void launch(DeviceMatrix keys, String variant, Dim3 grid, int threads) {
    String entry = "cache_append_%s_%s".formatted(keys.suffix(), variant);
    kernels.launch(
        kernels.function(MODULE, entry),
        new LaunchShape(grid, Dim3.of(threads), 0),
        kernels.arguments().struct(MemorySegment.ofBuffer(struct), Long.BYTES),
        "keys and values of [%d, %d]".formatted(keys.rows(), keys.columns()));
  }
}
