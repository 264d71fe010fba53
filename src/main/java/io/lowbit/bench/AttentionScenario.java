// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.Attention;
import io.lowbit.backend.cuda.CacheAppend;
import io.lowbit.backend.cuda.CudaKvCache;
import io.lowbit.backend.cuda.CudaPagePool;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.SpanTables;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Appends and attends sequences on a device, in the second of two layers. */
final class AttentionScenario implements AutoCloseable {
  private static final int LAYERS = 2;
  static final int LAYER = 1;

  /**
   * One kind of attention.
   *
   * @param type base type
   * @param scheme of the cache; empty = exact
   * @param window keys that a query sees, 0 = all
   * @param alibi whether heads have slopes
   */
  record Kind(
      DType type,
      int heads,
      int keyHeads,
      int dim,
      Optional<CacheScheme> scheme,
      int window,
      boolean alibi) {
    AttentionShape shape() {
      return new AttentionShape(heads, keyHeads, dim, (float) (1 / Math.sqrt(dim)), window);
    }

    int group() {
      return heads / keyHeads;
    }

    /** Slopes as ALiBi sets them for a power of two of heads (Press et al. 2022). */
    float[] slopes() {
      float[] slopes = new float[heads];
      for (int head = 0; head < heads; head++) {
        slopes[head] = alibi ? (float) Math.pow(2, -8.0 * (head + 1) / heads) : 0;
      }
      return slopes;
    }
  }

  /**
   * Inputs of one sequence, already rounded to the base type: q {@code [tokens, heads * dim]}, keys
   * and values {@code [tokens, keyHeads * dim]}.
   */
  record Sequence(Kind kind, int tokens, float[] q, float[] keys, float[] values) {
    /** Sets every number by its index in the three arrays, 0 = q. */
    static Sequence of(Kind kind, int tokens, Numbers numbers) {
      int[] widths = {kind.heads * kind.dim, kind.keyHeads * kind.dim, kind.keyHeads * kind.dim};
      float[][] all = new float[3][];
      for (int which = 0; which < 3; which++) {
        all[which] = new float[tokens * widths[which]];
        for (int i = 0; i < all[which].length; i++) {
          int width = widths[which];
          float value = numbers.at(which, i / width, i % width);
          all[which][i] = CaseMemory.round(value, kind.type);
        }
      }
      return new Sequence(kind, tokens, all[0], all[1], all[2]);
    }
  }

  /** Content of a sequence. */
  @FunctionalInterface
  interface Numbers {
    /** A number of q (0), the keys (1) or the values (2). */
    float at(int which, int token, int column);
  }

  /** Tokens {@code from} to {@code to - 1} of a sequence, which go to a cache. */
  record Part(KvCache cache, Sequence sequence, int from, int to) {}

  /** Which kernel attends. */
  enum Path {
    CHOSEN,
    PREFILL,
    DECODE
  }

  private final Kernels kernels;
  private final Kind kind;
  private final CudaPagePool pool;
  private final SpanTables tables;
  private final CacheAppend append;
  private final Attention attention;

  AttentionScenario(Kernels kernels, Kind kind) {
    this.kernels = kernels;
    this.kind = kind;
    pool =
        new CudaPagePool(
            kernels, new CacheLayout(LAYERS, kind.keyHeads, kind.dim, kind.scheme), kind.type);
    tables = new SpanTables(kernels);
    append = new CacheAppend(kernels);
    attention = new Attention(kernels);
  }

  CudaPagePool pool() {
    return pool;
  }

  CudaKvCache cache() {
    return pool.newCache();
  }

  /** Appends and attends parts in one batch. */
  float[] pass(List<Part> parts, Path path) {
    List<Span> spans = spans(parts);
    int rows = rows(parts);
    try (CaseMemory memory = new CaseMemory(kernels.driver())) {
      DeviceMatrix q = gather(memory, parts, rows, 0);
      DeviceMatrix keys = gather(memory, parts, rows, 1);
      DeviceMatrix values = gather(memory, parts, rows, 2);
      DeviceMatrix out = memory.poisonedMatrix(rows, kind.heads * kind.dim, kind.type);
      tables.prepare(spans, rows);
      append.run(LAYER, keys, values, tables);
      DevicePointer slopes = kind.alibi ? memory.floats(kind.slopes()) : DevicePointer.NULL;
      Attention.Inputs inputs = new Attention.Inputs(LAYER, q, kind.shape(), slopes, tables, out);
      switch (path) {
        case CHOSEN -> attention.run(LAYER, q, kind.shape(), slopes, tables, out);
        case PREFILL -> attention.prefill(inputs);
        case DECODE -> attention.decode(inputs);
      }
      float[] result = memory.read(out);
      parts.forEach(part -> part.cache.advance(part.to));
      return ofSpans(result, spans);
    }
  }

  /** Appends and attends one part. */
  float[] pass(KvCache cache, Sequence sequence, int from, int to, Path path) {
    return pass(List.of(new Part(cache, sequence, from, to)), path);
  }

  /** Appends one part. */
  void append(KvCache cache, Sequence sequence, int from, int to) {
    append(List.of(new Part(cache, sequence, from, to)));
  }

  /** Appends parts in one batch. */
  void append(List<Part> parts) {
    List<Span> spans = spans(parts);
    int rows = rows(parts);
    try (CaseMemory memory = new CaseMemory(kernels.driver())) {
      DeviceMatrix keys = gather(memory, parts, rows, 1);
      DeviceMatrix values = gather(memory, parts, rows, 2);
      tables.prepare(spans, rows);
      append.run(LAYER, keys, values, tables);
    }
    parts.forEach(part -> part.cache.advance(part.to));
  }

  /** A row of no span lies before each part. */
  private static List<Span> spans(List<Part> parts) {
    List<Span> spans = new ArrayList<>();
    int row = 1;
    for (Part part : parts) {
      spans.add(new Span(part.cache, part.from, row, part.to - part.from));
      row += 1 + part.to - part.from;
    }
    return spans;
  }

  private static int rows(List<Part> parts) {
    return parts.stream().mapToInt(part -> 1 + part.to - part.from).sum();
  }

  private DeviceMatrix gather(CaseMemory memory, List<Part> parts, int rows, int which) {
    int width = (which == 0 ? kind.heads : kind.keyHeads) * kind.dim;
    float[] all = new float[rows * width];
    int row = 0;
    for (Part part : parts) {
      Arrays.fill(all, row * width, (row + 1) * width, Float.NaN);
      float[] from =
          switch (which) {
            case 0 -> part.sequence.q;
            case 1 -> part.sequence.keys;
            default -> part.sequence.values;
          };
      int count = part.to - part.from;
      System.arraycopy(from, part.from * width, all, (row + 1) * width, count * width);
      row += 1 + count;
    }
    return memory.matrix(all, rows, width, kind.type);
  }

  /** The rows of spans; fails if another row was written. */
  private float[] ofSpans(float[] all, List<Span> spans) {
    int width = kind.heads * kind.dim;
    int count = spans.stream().mapToInt(Span::tokens).sum();
    float[] result = new float[count * width];
    int row = 0;
    for (Span span : spans) {
      for (int i = (span.row() - 1) * width; i < span.row() * width; i++) {
        if (!Float.isNaN(all[i])) {
          throw new IllegalStateException("attention wrote to row " + (span.row() - 1));
        }
      }
      System.arraycopy(all, span.row() * width, result, row * width, span.tokens() * width);
      row += span.tokens();
    }
    return result;
  }

  @Override
  public void close() {
    tables.close();
    pool.close();
  }
}
