// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;

/**
 * Causal softmax attention over the caches of a batch. Every query reads keys and values as a
 * decoder that went step by step would have stored them at that time: the latest ones exactly, as
 * far as the scheme keeps them, the others from codes. Two kernels give the same bits: one for many
 * query rows per sequence and one for few, so a row's bits follow from its position, its cache and
 * the shapes alone.
 */
public final class Attention {
  private static final int[] PADDED_HEADS = {64, 80, 96, 128, 256};
  private static final int THREADS = 128;
  private static final int DECODE_ROWS = 16;
  private static final int CHUNK = 8 * CacheSide.PAGE;
  private static final int COMBINE_THREADS = 64;
  private static final int STRUCT_BYTES = 224;
  private static final int SHARED_WITHOUT_ASKING = 48 << 10;
  private static final double LOG2_E = 1.4426950408889634;

  // A tile of 64 rows walks the whole context in one block; below half a tile, or with few tokens
  // of many heads, splitting the context keeps more of the GPU busy.
  private static final int FEW_ROWS = 32;
  private static final int FEW_TOKENS = 4;

  private final Kernels kernels;
  private final Set<String> allowed = new HashSet<>();
  private final ByteBuffer struct =
      ByteBuffer.allocateDirect(STRUCT_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** A launcher of the shipped kernels. */
  public Attention(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * The arguments of attention in one layer.
   *
   * @param layer index of the decoder block
   * @param q {@code [rows, heads * headDim]} in the caches' base type
   * @param shape heads, scale and window
   * @param slopes of ALiBi, one fp32 per head: {@code slope * (key position - query position)} is
   *     added to the scaled score; {@link DevicePointer#NULL} for none
   * @param tables prepared for the batch; {@link CacheAppend} has stored the spans' tokens
   * @param out as q; rows of no span stay as they are
   */
  public record Inputs(
      int layer,
      DeviceMatrix q,
      AttentionShape shape,
      DevicePointer slopes,
      SpanTables tables,
      DeviceMatrix out) {
    private int group() {
      return shape.heads() / shape.keyHeads();
    }

    private int mostRows() {
      return tables.mostTokens() * group();
    }

    @Override
    public String toString() {
      return "q [%d, %d] in %d spans, context to %d"
          .formatted(q.rows(), q.columns(), tables.list().size(), tables.end());
    }
  }

  /** Queues the attention of the spans' tokens in one layer; parameters as in {@link Inputs}. */
  public void run(
      int layer,
      DeviceMatrix q,
      AttentionShape shape,
      DevicePointer slopes,
      SpanTables tables,
      DeviceMatrix out) {
    Inputs inputs = new Inputs(layer, q, shape, slopes, tables, out);
    if (tables.list().isEmpty()) {
      return;
    }
    if (inputs.mostRows() <= FEW_ROWS || tables.mostTokens() <= FEW_TOKENS) {
      decode(inputs);
    } else {
      prefill(inputs);
    }
  }

  /** As {@link #run}, with the kernel for many query rows. */
  public void prefill(Inputs in) {
    check(in);
    int padded = padded(in.shape.headDim());
    int rows = padded == 256 ? 32 : 64;
    int tileBytes = 2 * CacheSide.PAGE * (padded + 8);
    int shared = rows * padded * 4 + rows * (padded + 8) * 2 + (padded == 256 ? 1 : 2) * tileBytes;
    int tiles = Math.ceilDiv(in.mostRows(), rows);
    Dim3 grid = Dim3.of(in.tables.list().size() * tiles, in.shape.keyHeads());
    write(in, DevicePointer.NULL, 0, new int[] {tiles, 0, 0});
    String entry = "attention_%s_prefill_d%d".formatted(in.q.suffix(), padded);
    launch("attention", entry, new LaunchShape(grid, Dim3.of(THREADS), shared), in);
  }

  /** As {@link #run}, with the kernels for few query rows. */
  public void decode(Inputs in) {
    check(in);
    int padded = padded(in.shape.headDim());
    int shared =
        4 * DECODE_ROWS * 4
            + 2 * DECODE_ROWS * (padded + 8 + CacheSide.PAGE + 8)
            + 2 * 2 * CacheSide.PAGE * (padded + 8);
    int tiles = Math.ceilDiv(in.mostRows(), DECODE_ROWS);
    int tileRows = Math.min(DECODE_ROWS, in.mostRows());
    int chunks = Math.ceilDiv(in.tables.end(), CHUNK);
    int heads = in.shape.keyHeads();
    long allTiles = (long) in.tables.list().size() * tiles;
    long slots = allTiles * heads * chunks * tileRows;
    DevicePointer partial = kernels.workspace(4 * slots * (in.shape.headDim() + 2));
    write(in, partial, slots, new int[] {tiles, chunks, tileRows});
    Dim3 grid = new Dim3(Math.toIntExact(allTiles), heads, chunks);
    String entry = "attention_%s_decode_d%d".formatted(in.q.suffix(), padded);
    launch("attention_decode", entry, new LaunchShape(grid, Dim3.of(THREADS), shared), in);
    Dim3 rows = Dim3.of(Math.toIntExact(allTiles * tileRows), heads);
    String combine = "attention_%s_combine".formatted(in.q.suffix());
    launch("attention_decode", combine, new LaunchShape(rows, Dim3.of(COMBINE_THREADS), 0), in);
  }

  private static int padded(int headDim) {
    for (int padded : PADDED_HEADS) {
      if (headDim <= padded) {
        return padded;
      }
    }
    throw new IllegalArgumentException("heads of %d values are too large".formatted(headDim));
  }

  private static void check(Inputs in) {
    CudaPagePool pool = in.tables.pool();
    AttentionShape shape = in.shape;
    if (shape.keyHeads() != pool.layout().keyHeads()
        || shape.headDim() != pool.layout().headDim()
        || shape.heads() % shape.keyHeads() != 0
        || shape.window() < 0) {
      throw new IllegalArgumentException(
          "%s does not fit caches of %d key heads of %d values"
              .formatted(shape, pool.layout().keyHeads(), pool.layout().headDim()));
    }
    int width = shape.heads() * shape.headDim();
    in.q.requireShape("q", in.tables.rows(), width);
    in.out.requireShape("the output of attention", in.tables.rows(), width);
    requireType("q", in.q, pool);
    requireType("the output of attention", in.out, pool);
    requireLayer(in.layer, pool);
  }

  static void requireType(String what, DeviceMatrix matrix, CudaPagePool pool) {
    if (matrix.type() != pool.base()) {
      throw new IllegalArgumentException(
          "%s: %s, expected %s as in the cache".formatted(what, matrix.type(), pool.base()));
    }
  }

  static void requireLayer(int layer, CudaPagePool pool) {
    if (layer < 0 || layer >= pool.layout().layers()) {
      throw new IllegalArgumentException(
          "layer %d is not in a cache of %d layers".formatted(layer, pool.layout().layers()));
    }
  }

  private void write(Inputs in, DevicePointer partial, long slots, int[] tiling) {
    SpanTables tables = in.tables;
    int dim = in.shape.headDim();
    struct
        .clear()
        .putLong(in.q.data().address())
        .putLong(in.out.data().address())
        .putLong(in.slopes.address())
        .putLong(tables.spans().address())
        .putLong(tables.pages().address())
        .putLong(partial.address())
        .putLong(partial.plus(4 * slots * dim).address());
    tables.pool().keys().write(struct, in.layer);
    tables.pool().values().write(struct, in.layer);
    struct
        .putInt(in.group())
        .putInt(dim)
        .putInt(in.q.stride())
        .putInt(in.out.stride())
        .putInt(in.shape.window());
    for (int number : tiling) {
      struct.putInt(number);
    }
    struct.putFloat((float) (in.shape.scale() * LOG2_E)).putInt(0).flip();
  }

  private void launch(String module, String entry, LaunchShape shape, Inputs in) {
    GpuFunction function = kernels.function(module, entry);
    if (shape.sharedBytes() > SHARED_WITHOUT_ASKING && allowed.add(entry)) {
      function.allowSharedBytes(shape.sharedBytes());
    }
    kernels.launch(
        function,
        shape,
        kernels.arguments().struct(MemorySegment.ofBuffer(struct), Long.BYTES),
        in);
  }
}
