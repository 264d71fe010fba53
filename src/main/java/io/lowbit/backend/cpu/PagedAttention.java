// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Causal attention over pages with a running softmax (Milakov and Gimelshein 2018). A task takes
 * one key head and a few tokens of one sequence, all their query heads together, and walks the
 * pages from the first one on. A token's arithmetic depends on its position, its window and the
 * page size only: masked keys have weight exactly 0 and pages without a visible key change nothing.
 */
final class PagedAttention {
  private static final int PAGE = HeadLayout.PAGE;
  private static final int WIDTH = Lanes.WIDTH;
  private static final int ROWS = MicroKernel.ROWS;
  // Query rows per task: unpacking a page for 48 rows costs a few percent of multiplying with it.
  private static final int TASK_ROWS = 48;

  // Below this many multiply-adds, about 20 microseconds, waking other threads does not pay.
  private static final long SMALL_WORK = 1 << 18;

  private final Workers workers;

  PagedAttention(Workers workers) {
    this.workers = workers;
  }

  /** About the number of multiply-adds. */
  private static long work(AttentionShape shape, List<Span> spans) {
    long pairs = 0;
    for (Span span : spans) {
      pairs += (long) span.tokens() * (span.position() + span.tokens());
    }
    return 2 * pairs * shape.heads() * shape.headDim();
  }

  /** Some new tokens of a span and one key head. */
  private record Task(Span span, int token, int tokens, int keyHead) {}

  void run(int layer, CpuBuffer q, AttentionShape shape, List<Span> spans, CpuBuffer out) {
    int group = shape.heads() / shape.keyHeads();
    int step = Math.max(1, TASK_ROWS / group);
    List<Task> tasks = new ArrayList<>();
    for (Span span : spans) {
      for (int token = 0; token < span.tokens(); token += step) {
        for (int head = 0; head < shape.keyHeads(); head++) {
          tasks.add(new Task(span, token, Math.min(step, span.tokens() - token), head));
        }
      }
    }
    workers.run(
        tasks.size(),
        work(shape, spans) > SMALL_WORK,
        (index, scratch) -> new Tile(layer, shape, tasks.get(index), scratch).run(q, out));
  }

  /** The state of one task: its query rows are token by token, the heads of a token together. */
  private static final class Tile {
    private final int layer;
    private final AttentionShape shape;
    private final Task task;
    private final Scratch scratch;
    private final int group;
    private final int rows;
    private final int panels;
    private final int dim;
    private final int stride;
    private final float[] queries;
    private final float[] keys;
    private final float[] values;
    private final float[] scores;
    private final float[] weights;
    private final float[] outputs;
    private final SoftmaxKernel.Statistics statistics;

    Tile(int layer, AttentionShape shape, Task task, Scratch scratch) {
      this.layer = layer;
      this.shape = shape;
      this.task = task;
      this.scratch = scratch;
      group = shape.heads() / shape.keyHeads();
      rows = task.tokens * group;
      panels = (rows + ROWS - 1) / ROWS;
      dim = shape.headDim();
      stride = Lanes.panels(dim) * WIDTH;
      queries = scratch.array(Scratch.QUERIES, panels * ROWS * dim);
      keys = scratch.array(Scratch.KEYS, dim * PAGE);
      values = scratch.array(Scratch.VALUES, PAGE * stride);
      scores = scratch.array(Scratch.PRODUCTS, panels * ROWS * PAGE);
      weights = scratch.array(Scratch.WEIGHTS, panels * ROWS * PAGE);
      outputs = scratch.array(Scratch.OUTPUTS, panels * ROWS * stride);
      statistics = SoftmaxKernel.Statistics.start(scratch, rows);
    }

    void run(CpuBuffer q, CpuBuffer out) {
      PackedRows packed = new PackedRows(queries, rows, ROWS, dim);
      packed.clearPadding();
      for (int row = 0; row < rows; row++) {
        packed.set(row, q.values(), offset(q, row));
      }
      Arrays.fill(outputs, 0, panels * ROWS * stride, 0f);
      CpuKvCache cache = (CpuKvCache) task.span.cache();
      int last = position(rows - 1);
      for (int page = firstVisible(0) / PAGE; page * PAGE <= last; page++) {
        visit(cache.page(layer, page), page * PAGE, Math.min(PAGE, last + 1 - page * PAGE));
      }
      for (int row = 0; row < rows; row++) {
        store(row, out, offset(out, row));
      }
    }

    private int offset(CpuBuffer buffer, int row) {
      int token = task.span.row() + task.token + row / group;
      return token * buffer.columns() + (task.keyHead * group + row % group) * dim;
    }

    private int position(int row) {
      return task.span.position() + task.token + row / group;
    }

    /** Position of the first key that a row sees. */
    private int firstVisible(int row) {
      return shape.window() == 0 ? 0 : Math.max(0, position(row) - shape.window() + 1);
    }

    /** Takes the first {@code tokens} keys of a page that starts at position {@code start}. */
    private void visit(KvPage page, int start, int tokens) {
      page.keys().read(task.keyHead, keys, scratch);
      page.values().read(task.keyHead, values, scratch);
      Arrays.fill(scores, 0, panels * ROWS * PAGE, 0f);
      for (int p = 0; p < panels; p++) {
        for (int k = 0; k * WIDTH < tokens; k++) {
          int c = p * ROWS * PAGE + k * WIDTH;
          MicroKernel.sixRows(queries, p * ROWS * dim, keys, k * dim * WIDTH, dim, scores, c, PAGE);
        }
      }
      for (int row = 0; row < rows; row++) {
        int from = Math.clamp(firstVisible(row) - start, 0, PAGE);
        int to = Math.clamp(position(row) + 1 - start, 0, PAGE);
        Arrays.fill(scores, row * PAGE, row * PAGE + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, row * PAGE + to, (row + 1) * PAGE, Float.NEGATIVE_INFINITY);
      }
      SoftmaxKernel.weigh(scores, rows, PAGE, shape.scale(), statistics, scratch.partial);
      rescaleOutputs();
      packWeights();
      for (int p = 0; p < panels; p++) {
        for (int v = 0; v < stride / WIDTH; v++) {
          int c = p * ROWS * stride + v * WIDTH;
          MicroKernel.sixRows(
              weights, p * ROWS * PAGE, values, v * PAGE * WIDTH, tokens, outputs, c, stride);
        }
      }
    }

    private void rescaleOutputs() {
      for (int row = 0; row < rows; row++) {
        float keep = statistics.keep()[row];
        if (keep != 1f) {
          for (int i = row * stride; i < (row + 1) * stride; i++) {
            outputs[i] *= keep;
          }
        }
      }
    }

    /** Brings weights of six rows together, as the micro-kernel reads them. */
    private void packWeights() {
      for (int p = 0; p < panels; p++) {
        int base = p * ROWS * PAGE;
        for (int i = 0; i < PAGE; i++) {
          for (int row = 0; row < ROWS; row++) {
            weights[base + i * ROWS + row] = scores[base + row * PAGE + i];
          }
        }
      }
    }

    private void store(int row, CpuBuffer out, int at) {
      float sum = statistics.sums()[row];
      for (int i = 0; i < dim; i++) {
        out.values()[at + i] = outputs[row * stride + i] / sum;
      }
      Rounding.round(out.type(), out.values(), at, dim);
    }
  }
}
