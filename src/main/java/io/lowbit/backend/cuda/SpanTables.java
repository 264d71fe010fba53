// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.CudaPagePool.Side;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A batch's spans as kernels read them: per row its position and span, per span its first row,
 * first position, tokens and place in the table of page addresses. The arrays stay where they are
 * until one has to grow.
 */
public final class SpanTables implements AutoCloseable {
  private static final int NO_SPAN = -1;
  private static final int SPAN_INTS = 4;
  private static final Side[] SIDES = Side.values();

  private final StagedArray positions;
  private final StagedArray spanOfRow;
  private final StagedArray spans;
  private final StagedArray pages;
  private List<Span> prepared = List.of();
  private long[] revisions = {};
  private int rows = NO_SPAN;
  private int mostTokens;
  private int end;

  /** Tables without spans. */
  public SpanTables(Kernels kernels) {
    positions = new StagedArray(kernels);
    spanOfRow = new StagedArray(kernels);
    spans = new StagedArray(kernels);
    pages = new StagedArray(kernels);
  }

  /**
   * Makes the caches of spans writable up to the spans' ends and queues the upload of the tables.
   * Does nothing if the spans and their caches are as in the last call.
   *
   * @param list spans of caches of one pool, on disjoint rows
   * @param rows rows of the batch, those of no span included
   * @throws IllegalArgumentException if a span lies outside the batch, on another one's rows, would
   *     leave a gap in its cache, or is of a foreign cache
   */
  public void prepare(List<Span> list, int rows) {
    if (rows == this.rows && list.equals(prepared) && current(list)) {
      return;
    }
    this.rows = NO_SPAN;
    for (Span span : list) {
      requireInside(span, rows);
      cache(span).reserve(span.position(), span.position() + span.tokens());
    }
    prepared = List.copyOf(list);
    writeRows(rows);
    writeSpans();
    revisions = prepared.stream().mapToLong(span -> cache(span).revision()).toArray();
    mostTokens = prepared.stream().mapToInt(Span::tokens).max().orElse(0);
    end = prepared.stream().mapToInt(span -> span.position() + span.tokens()).max().orElse(0);
    this.rows = rows;
  }

  private boolean current(List<Span> list) {
    for (int i = 0; i < list.size(); i++) {
      if (cache(list.get(i)).revision() != revisions[i]) {
        return false;
      }
    }
    return true;
  }

  private static CudaKvCache cache(Span span) {
    if (span.cache() instanceof CudaKvCache cache) {
      return cache;
    }
    throw new IllegalArgumentException("the cache of %s is of another back-end".formatted(span));
  }

  private static void requireInside(Span span, int rows) {
    if (span.row() < 0 || span.tokens() < 1 || span.row() + span.tokens() > rows) {
      throw new IllegalArgumentException(
          "a span of %d tokens from row %d on does not lie in a batch of %d rows"
              .formatted(span.tokens(), span.row(), rows));
    }
  }

  private void writeRows(int rows) {
    int size = Math.max(1, rows);
    MemorySegment position = positions.begin(4L * size);
    MemorySegment owner = spanOfRow.begin(4L * size);
    for (int row = 0; row < size; row++) {
      position.setAtIndex(ValueLayout.JAVA_INT, row, NO_SPAN);
      owner.setAtIndex(ValueLayout.JAVA_INT, row, NO_SPAN);
    }
    for (int i = 0; i < prepared.size(); i++) {
      Span span = prepared.get(i);
      for (int token = 0; token < span.tokens(); token++) {
        int row = span.row() + token;
        int other = owner.getAtIndex(ValueLayout.JAVA_INT, row);
        if (other != NO_SPAN) {
          throw new IllegalArgumentException(
              "row %d is in spans %d and %d of the batch".formatted(row, other, i));
        }
        position.setAtIndex(ValueLayout.JAVA_INT, row, span.position() + token);
        owner.setAtIndex(ValueLayout.JAVA_INT, row, i);
      }
    }
    positions.upload();
    spanOfRow.upload();
  }

  private void writeSpans() {
    MemorySegment table = spans.begin(4L * SPAN_INTS * Math.max(1, prepared.size()));
    int count = prepared.stream().mapToInt(SpanTables::pageCount).sum();
    MemorySegment addresses = pages.begin(8L * SIDES.length * Math.max(1, count));
    int page = 0;
    for (int i = 0; i < prepared.size(); i++) {
      Span span = prepared.get(i);
      int[] fields = {span.row(), span.position(), span.tokens(), page};
      for (int field = 0; field < SPAN_INTS; field++) {
        table.setAtIndex(ValueLayout.JAVA_INT, (long) i * SPAN_INTS + field, fields[field]);
      }
      for (int index = 0; index < pageCount(span); index++, page++) {
        for (int side = 0; side < SIDES.length; side++) {
          DevicePointer at = cache(span).page(SIDES[side], index).orElse(DevicePointer.NULL);
          long place = (long) page * SIDES.length + side;
          addresses.setAtIndex(ValueLayout.JAVA_LONG, place, at.address());
        }
      }
    }
    spans.upload();
    pages.upload();
  }

  private static int pageCount(Span span) {
    return Math.ceilDiv(span.position() + span.tokens(), CacheSide.PAGE);
  }

  /** int32 per row: its position in its sequence, -1 if it is in no span. */
  public DevicePointer positions() {
    return positions.pointer();
  }

  /** int32 per row: its span, -1 if it is in none. */
  public DevicePointer spanOfRow() {
    return spanOfRow.pointer();
  }

  /** Four int32 per span: first row, first position, tokens, first page in {@link #pages}. */
  public DevicePointer spans() {
    return spans.pointer();
  }

  /** Four addresses per page, in the order of {@link Side}; 0 where there is none. */
  public DevicePointer pages() {
    return pages.pointer();
  }

  /** Rows of the batch. */
  public int rows() {
    if (rows == NO_SPAN) {
      throw new IllegalStateException("no spans have been prepared");
    }
    return rows;
  }

  /** The spans. */
  public List<Span> list() {
    return prepared;
  }

  /** Tokens of the longest span. */
  public int mostTokens() {
    return mostTokens;
  }

  /** Position after the last one of any span. */
  public int end() {
    return end;
  }

  /** The pool of the spans' caches, which must be one. */
  CudaPagePool pool() {
    CudaPagePool pool = cache(prepared.getFirst()).pool();
    for (Span span : prepared) {
      if (cache(span).pool() != pool) {
        throw new IllegalArgumentException(
            "a batch mixes caches of different layouts: %s and %s"
                .formatted(pool.layout(), cache(span).pool().layout()));
      }
    }
    return pool;
  }

  @Override
  public void close() {
    positions.close();
    spanOfRow.close();
    spans.close();
    pages.close();
  }
}
