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
 *
 * <p>Where a cache has two forms of a page, a token reads each key and value in one of them, as
 * {@link CpuKvCache#lastingKeys} says. The page is then multiplied with in the forms that the
 * task's tokens need: scores are taken from either product, and a value's weight is 0 in the form
 * that is not read.
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
    private final CpuKvCache cache;
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
      this.cache = (CpuKvCache) task.span.cache();
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
      int last = position(rows - 1);
      for (int page = firstVisible(0) / PAGE; page * PAGE <= last; page++) {
        visit(page, Math.min(PAGE, last + 1 - page * PAGE));
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

    /** Takes the first {@code tokens} keys of a page. */
    private void visit(int page, int tokens) {
      int start = page * PAGE;
      score(page, tokens);
      for (int row = 0; row < rows; row++) {
        int from = Math.clamp(firstVisible(row) - start, 0, PAGE);
        int to = Math.clamp(position(row) + 1 - start, 0, PAGE);
        Arrays.fill(scores, row * PAGE, row * PAGE + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, row * PAGE + to, (row + 1) * PAGE, Float.NEGATIVE_INFINITY);
      }
      SoftmaxKernel.weigh(scores, rows, PAGE, shape.scale(), statistics, scratch.partial);
      rescaleOutputs();
      addValues(page, tokens);
    }

    /** Sets the scores of a page, each with the key in the form that its row reads. */
    private void score(int page, int tokens) {
      int exactFrom = lastingKeys(0, page, tokens);
      int lastingTo = lastingKeys(rows - 1, page, tokens);
      if (lastingTo > 0) {
        cache.page(layer, page).keys().read(task.keyHead, keys, scratch);
        multiplyKeys(0, lastingTo, scores);
      }
      if (exactFrom == tokens) {
        return;
      }
      cache.exactPage(layer, page).keys().read(task.keyHead, keys, scratch);
      if (lastingTo == 0) {
        multiplyKeys(0, tokens, scores);
        return;
      }
      float[] exact = scratch.array(Scratch.EXACT_PRODUCTS, panels * ROWS * PAGE);
      multiplyKeys(exactFrom, tokens, exact);
      for (int row = 0; row < rows; row++) {
        int from = lastingKeys(row, page, tokens);
        int at = row * PAGE + from;
        System.arraycopy(exact, at, scores, at, tokens - from);
      }
    }

    /** How many of the first {@code tokens} keys of a page a row reads in their lasting form. */
    private int lastingKeys(int row, int page, int tokens) {
      return Math.clamp(cache.lastingKeys(position(row)) - page * PAGE, 0, tokens);
    }

    private int lastingValues(int row, int page, int tokens) {
      return Math.clamp(cache.lastingValues(position(row)) - page * PAGE, 0, tokens);
    }

    /** Scores of at least the tokens {@code from} to {@code to - 1} of the keys just read. */
    private void multiplyKeys(int from, int to, float[] into) {
      Arrays.fill(into, 0, panels * ROWS * PAGE, 0f);
      for (int p = 0; p < panels; p++) {
        for (int k = from / WIDTH; k * WIDTH < to; k++) {
          int c = p * ROWS * PAGE + k * WIDTH;
          MicroKernel.sixRows(queries, p * ROWS * dim, keys, k * dim * WIDTH, dim, into, c, PAGE);
        }
      }
    }

    /** Adds a page's weighted values, each in the form that its row reads. */
    private void addValues(int page, int tokens) {
      int exactFrom = lastingValues(0, page, tokens);
      int lastingTo = lastingValues(rows - 1, page, tokens);
      if (lastingTo > 0) {
        cache.page(layer, page).values().read(task.keyHead, values, scratch);
        packWeights();
        for (int row = 0; exactFrom < lastingTo && row < rows; row++) {
          clearWeights(row, lastingValues(row, page, tokens), lastingTo);
        }
        multiplyValues(0, lastingTo);
      }
      if (exactFrom < tokens) {
        cache.exactPage(layer, page).values().read(task.keyHead, values, scratch);
        packWeights();
        for (int row = 0; exactFrom < lastingTo && row < rows; row++) {
          clearWeights(row, exactFrom, lastingValues(row, page, tokens));
        }
        multiplyValues(exactFrom, tokens);
      }
    }

    /** Adds the tokens {@code from} to {@code to - 1} of the values just read. */
    private void multiplyValues(int from, int to) {
      for (int p = 0; p < panels; p++) {
        int a = p * ROWS * PAGE + from * ROWS;
        for (int v = 0; v < stride / WIDTH; v++) {
          int b = (v * PAGE + from) * WIDTH;
          int c = p * ROWS * stride + v * WIDTH;
          MicroKernel.sixRows(weights, a, values, b, to - from, outputs, c, stride);
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

    private void clearWeights(int row, int from, int to) {
      int base = row / ROWS * ROWS * PAGE + row % ROWS;
      for (int i = from; i < to; i++) {
        weights[base + i * ROWS] = 0f;
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
