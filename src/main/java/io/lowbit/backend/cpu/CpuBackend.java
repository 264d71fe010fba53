// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.Activation;
import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.backend.Span;
import io.lowbit.backend.TargetScores;
import io.lowbit.backend.Weight;
import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GroupedInteger;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The back-end for machines without a GPU. Calls from several threads are served one after the
 * other, each by all of the back-end's own threads.
 */
public final class CpuBackend implements Backend {
  // Values per task of an element-wise operation: below this, sharing out costs more than it saves.
  private static final int ELEMENTS_PER_TASK = 1 << 14;

  private final DType base;
  private final Workers workers;
  private final LinearLayers layers;
  private final VocabularyHead head;
  private final PagedAttention attention;
  private final ArrayPool buffers = new ArrayPool();
  private final Map<CacheLayout, CachePools> pages = new HashMap<>();
  private final Map<Rotary, RotaryTable> rotaryTables = new HashMap<>();

  /**
   * Starts the threads.
   *
   * @param base type of everything that is not low-bit: F32, F16 or BF16
   * @param threads threads that compute, the calling one included; results do not depend on it
   */
  public CpuBackend(DType base, int threads) {
    if (base != DType.F32 && base != DType.F16 && base != DType.BF16) {
      throw new IllegalArgumentException("the base type is F32, F16 or BF16, not " + base);
    }
    if (threads < 1) {
      throw new IllegalArgumentException(
          "a CPU back-end needs at least one thread, not " + threads);
    }
    this.base = base;
    workers = new Workers(threads);
    layers = new LinearLayers(workers);
    head = new VocabularyHead(workers, layers);
    attention = new PagedAttention(workers);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return "cpu, %d-bit vectors, %d threads, %s"
        .formatted(Lanes.FLOATS.vectorBitSize(), workers.count(), base);
  }

  @Override
  public String numerics() {
    return "cpu-1-" + base;
  }

  @Override
  public DType base() {
    return base;
  }

  @Override
  public Buffer allocate(int rows, int columns) {
    return CpuBuffer.allocate(rows, columns, base, buffers);
  }

  @Override
  public Weight upload(Tensor matrix) {
    if (!matrix.type().isFloat() || matrix.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "a weight is a matrix of floating point numbers, not %s %s"
              .formatted(matrix.type(), matrix.shape()));
    }
    return DensePanels.of(matrix, base);
  }

  @Override
  public Weight upload(QuantizedTensor matrix, Optional<ActivationScheme> inputs) {
    return switch (matrix) {
      case GroupedInteger integers -> Repacking.of(integers);
      case GgufBlocks blocks ->
          GgufFields.knows(blocks.type()) ? Repacking.of(blocks) : new StoredBlocks(blocks);
    };
  }

  @Override
  public KvCache newCache(CacheLayout layout) {
    synchronized (pages) {
      CachePools pools = pages.computeIfAbsent(layout, l -> CachePools.create(l, base));
      return new CpuKvCache(layout, pools);
    }
  }

  @Override
  public synchronized void embed(Weight table, int[] ids, Buffer out) {
    PanelWeight weight = own(table);
    CpuBuffer target = own(out);
    require("embedding output", target, ids.length, weight.columns());
    for (int id : ids) {
      requireRow("token id", id, weight.rows());
    }
    workers.run(
        ids.length,
        (i, scratch) -> {
          int lane = ids[i] % Lanes.WIDTH;
          int at = i * target.columns();
          for (int from = 0; from < weight.columns(); from += Scratch.DEPTH) {
            int count = Math.min(Scratch.DEPTH, weight.columns() - from);
            weight.tile(ids[i] / Lanes.WIDTH, from, count, scratch);
            for (int k = 0; k < count; k++) {
              target.values()[at + from + k] = scratch.tile[k * Lanes.WIDTH + lane];
            }
          }
          Rounding.round(base, target.values(), at, target.columns());
        });
  }

  @Override
  public synchronized void norm(Buffer x, Norm norm, Buffer out) {
    CpuBuffer source = own(x);
    CpuBuffer target = own(out);
    int columns = source.columns();
    require("norm output", target, source.rows(), columns);
    float[] weight = row("norm weight", norm.weight(), columns);
    float[] bias =
        norm.bias().isPresent() ? row("norm bias", norm.bias().get(), columns) : new float[0];
    overRows(
        source,
        (row, scratch) -> {
          int at = row * columns;
          RowOperations.norm(
              norm.kind(),
              norm.epsilon(),
              weight,
              bias,
              source.values(),
              at,
              target.values(),
              columns,
              scratch.partial);
          Rounding.round(base, target.values(), at, columns);
        });
  }

  @Override
  public synchronized void linear(Buffer x, Linear linear, Buffer out) {
    CpuBuffer source = own(x);
    CpuBuffer target = own(out);
    PanelWeight weight = own(linear.weight());
    require("linear input", source, source.rows(), weight.columns());
    require("linear output", target, source.rows(), weight.rows());
    Optional<float[]> bias = linear.bias().map(b -> row("linear bias", b, weight.rows()));
    layers.linear(source, weight, bias, linear.activations(), target);
  }

  @Override
  public synchronized void rotate(Buffer x, int headDim, Rotary rotary, List<Span> spans) {
    CpuBuffer target = own(x);
    if (target.columns() % headDim != 0 || 2 * rotary.inverseFrequencies().length > headDim) {
      throw new IllegalArgumentException(
          "%d pairs cannot be rotated in heads of %d values in rows of %d"
              .formatted(rotary.inverseFrequencies().length, headDim, target.columns()));
    }
    requireSpans(spans, target);
    RotaryTable table = rotaryTables.computeIfAbsent(rotary, RotaryTable::new);
    for (Span span : spans) {
      table.extend(span.position() + span.tokens());
    }
    int[] positions = positions(spans, target.rows());
    overRows(
        target,
        (row, scratch) -> {
          if (positions[row] < 0) {
            return;
          }
          int at = row * target.columns();
          for (int i = at; i < at + target.columns(); i += headDim) {
            table.rotate(target.values(), i, positions[row]);
          }
          Rounding.round(base, target.values(), at, target.columns());
        });
  }

  /** The position of each row's token, -1 for rows of no span. */
  private static int[] positions(List<Span> spans, int rows) {
    int[] positions = new int[rows];
    Arrays.fill(positions, -1);
    for (Span span : spans) {
      for (int i = 0; i < span.tokens(); i++) {
        positions[span.row() + i] = span.position() + i;
      }
    }
    return positions;
  }

  @Override
  public synchronized void append(int layer, Buffer keys, Buffer values, List<Span> spans) {
    CpuBuffer k = own(keys);
    CpuBuffer v = own(values);
    requireSpans(spans, k);
    for (Span span : spans) {
      CpuKvCache cache = own(span.cache());
      CacheLayout layout = cache.layout();
      requireRow("layer", layer, layout.layers());
      require("appended keys", k, k.rows(), layout.keyHeads() * layout.headDim());
      require("appended values", v, k.rows(), k.columns());
      cache.reserve(layer, span.position(), span.position() + span.tokens());
      // Tokens of a page share words of packed codes, so a task takes a whole page of one head.
      int firstPage = span.position() / HeadLayout.PAGE;
      int pages = HeadLayout.pages(span.position() + span.tokens()) - firstPage;
      workers.run(
          pages * layout.keyHeads(),
          span.tokens() * k.columns() > ELEMENTS_PER_TASK,
          (task, scratch) -> {
            int index = firstPage + task / layout.keyHeads();
            cache.append(layer, task % layout.keyHeads(), index, span, k, v, scratch);
          });
    }
  }

  @Override
  public synchronized void attention(
      int layer, Buffer q, AttentionShape shape, List<Span> spans, Buffer out) {
    CpuBuffer source = own(q);
    CpuBuffer target = own(out);
    require("attention queries", source, source.rows(), shape.heads() * shape.headDim());
    require("attention output", target, source.rows(), source.columns());
    requireSpans(spans, source);
    for (Span span : spans) {
      CacheLayout layout = own(span.cache()).layout();
      requireRow("layer", layer, layout.layers());
      if (layout.keyHeads() != shape.keyHeads()
          || layout.headDim() != shape.headDim()
          || shape.heads() % shape.keyHeads() != 0) {
        throw new IllegalArgumentException(
            "%s does not fit a cache of %d heads of %d values"
                .formatted(shape, layout.keyHeads(), layout.headDim()));
      }
    }
    attention.run(layer, source, shape, spans, target);
    spans.forEach(span -> own(span.cache()).attended(layer, span.position() + span.tokens()));
  }

  @Override
  public synchronized void gatedActivation(
      Activation activation, Buffer gate, Buffer up, Buffer out) {
    CpuBuffer g = own(gate);
    CpuBuffer u = own(up);
    CpuBuffer target = own(out);
    require("activation input", u, g.rows(), g.columns());
    require("activation output", target, g.rows(), g.columns());
    overRows(
        g,
        (row, scratch) -> {
          int at = row * g.columns();
          int end = at + g.columns();
          RowOperations.gated(activation, g.values(), u.values(), target.values(), at, end);
          Rounding.round(base, target.values(), at, g.columns());
        });
  }

  @Override
  public synchronized void add(Buffer x, Buffer y) {
    CpuBuffer target = own(x);
    CpuBuffer summand = own(y);
    require("summand", summand, target.rows(), target.columns());
    overRows(
        target,
        (row, scratch) -> {
          int at = row * target.columns();
          RowOperations.add(target.values(), at, summand.values(), at, target.columns());
          Rounding.round(base, target.values(), at, target.columns());
        });
  }

  @Override
  public synchronized TargetScores logProbs(Buffer hidden, Weight head, int[] rows, int[] targets) {
    CpuBuffer source = own(hidden);
    PanelWeight weight = own(head);
    require("hidden state", source, source.rows(), weight.columns());
    if (rows.length != targets.length) {
      throw new IllegalArgumentException(
          "%d rows for %d targets".formatted(rows.length, targets.length));
    }
    for (int i = 0; i < rows.length; i++) {
      requireRow("row of a target", rows[i], source.rows());
      requireRow("target id", targets[i], weight.rows());
    }
    return this.head.logProbs(source, weight, rows, targets);
  }

  @Override
  public synchronized int[] argMax(Buffer hidden, Weight head, int[] rows) {
    CpuBuffer source = own(hidden);
    PanelWeight weight = own(head);
    require("hidden state", source, source.rows(), weight.columns());
    for (int row : rows) {
      requireRow("row", row, source.rows());
    }
    return this.head.argMax(source, weight, rows);
  }

  @Override
  public void close() {
    workers.close();
  }

  /** Runs an operation on each row, several rows a task. */
  private void overRows(CpuBuffer buffer, Workers.Task operation) {
    int perTask = Math.max(1, ELEMENTS_PER_TASK / Math.max(1, buffer.columns()));
    int rows = buffer.rows();
    workers.run(
        (rows + perTask - 1) / perTask,
        (task, scratch) -> {
          int end = Math.min(rows, (task + 1) * perTask);
          for (int row = task * perTask; row < end; row++) {
            operation.run(row, scratch);
          }
        });
  }

  private static float[] row(String what, Buffer buffer, int columns) {
    CpuBuffer row = own(buffer);
    require(what, row, 1, columns);
    return row.values();
  }

  private static void require(String what, CpuBuffer buffer, int rows, int columns) {
    if (buffer.rows() != rows || buffer.columns() != columns) {
      throw new IllegalArgumentException(
          "%s is [%d, %d], expected [%d, %d]"
              .formatted(what, buffer.rows(), buffer.columns(), rows, columns));
    }
  }

  private static void requireRow(String what, int index, int count) {
    if (index < 0 || index >= count) {
      throw new IllegalArgumentException(
          "%s %d is outside 0 to %d".formatted(what, index, count - 1));
    }
  }

  private static void requireSpans(List<Span> spans, CpuBuffer buffer) {
    for (Span span : spans) {
      if (span.position() < 0
          || span.row() < 0
          || span.tokens() < 0
          || span.row() + span.tokens() > buffer.rows()) {
        throw new IllegalArgumentException(
            "a span of %d tokens at position %d, row %d does not fit %d rows"
                .formatted(span.tokens(), span.position(), span.row(), buffer.rows()));
      }
    }
  }

  private static CpuBuffer own(Buffer buffer) {
    return own(CpuBuffer.class, buffer);
  }

  private static PanelWeight own(Weight weight) {
    return own(PanelWeight.class, weight);
  }

  private static CpuKvCache own(KvCache cache) {
    return own(CpuKvCache.class, cache);
  }

  private static <T> T own(Class<T> type, Object object) {
    if (!type.isInstance(object)) {
      throw new IllegalArgumentException(
          object.getClass().getName() + " was not made by the CPU back-end");
    }
    return type.cast(object);
  }
}
