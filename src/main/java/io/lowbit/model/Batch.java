// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * New tokens of several sequences, one after the other; sequences may have any lengths.
 *
 * @param ids token ids of all spans
 * @param spans which of them belong to which sequence
 */
public record Batch(int[] ids, List<Span> spans) {
  /**
   * Tokens that continue a sequence.
   *
   * @param cache the sequence so far
   * @param ids its next tokens, at least one
   */
  public record Continuation(KvCache cache, int[] ids) {}

  /** Puts continuations of different sequences into one batch. */
  public static Batch of(List<Continuation> continuations) {
    int[] ids = new int[continuations.stream().mapToInt(c -> c.ids().length).sum()];
    List<Span> spans = new ArrayList<>();
    int row = 0;
    for (Continuation next : continuations) {
      int tokens = next.ids().length;
      if (tokens == 0) {
        throw new IllegalArgumentException("a continuation needs at least one token");
      }
      System.arraycopy(next.ids(), 0, ids, row, tokens);
      spans.add(new Span(next.cache(), next.cache().length(), row, tokens));
      row += tokens;
    }
    return new Batch(ids, List.copyOf(spans));
  }

  /** One sequence from its beginning. */
  public static Batch of(KvCache cache, int[] ids) {
    return of(List.of(new Continuation(cache, ids)));
  }
}
