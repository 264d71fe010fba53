// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cpu;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Span;
import io.lowbit.quant.CacheScheme;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;

/** Inputs of one sequence in one layer. */
record AttentionSequence(int heads, int keyHeads, int dim, int tokens, float[][] qkv) {
  static AttentionSequence random(int heads, int keyHeads, int dim, int tokens) {
    Random random = new Random(31L * tokens + dim);
    float[][] qkv = {
      Fixtures.gaussian(random, tokens * heads * dim, 1),
      Fixtures.gaussian(random, tokens * keyHeads * dim, 1),
      Fixtures.gaussian(random, tokens * keyHeads * dim, 1)
    };
    return new AttentionSequence(heads, keyHeads, dim, tokens, qkv);
  }

  AttentionShape shape(int window) {
    return new AttentionShape(heads, keyHeads, dim, (float) (1 / Math.sqrt(dim)), window);
  }

  CacheLayout layout(Optional<CacheScheme> scheme) {
    return new CacheLayout(1, keyHeads, dim, scheme);
  }

  Buffer rows(CpuBackend backend, int which, int from, int to) {
    int width = (which == 0 ? heads : keyHeads) * dim;
    float[] rows = Arrays.copyOfRange(qkv[which], from * width, to * width);
    return Fixtures.buffer(backend, to - from, width, rows);
  }

  /** Appends and attends tokens {@code from} to {@code to - 1} in one pass. */
  float[] pass(CpuBackend backend, KvCache cache, int window, int from, int to) {
    float[] out = layer(backend, cache, 0, window, from, to);
    cache.advance(to);
    return out;
  }

  /** What {@link #pass} does in one of several layers. */
  float[] layer(CpuBackend backend, KvCache cache, int layer, int window, int from, int to) {
    List<Span> spans = List.of(new Span(cache, from, 0, to - from));
    backend.append(layer, rows(backend, 1, from, to), rows(backend, 2, from, to), spans);
    Buffer out = backend.allocate(to - from, heads * dim);
    backend.attention(layer, rows(backend, 0, from, to), shape(window), spans, out);
    return Fixtures.values(out);
  }

  /**
   * Attention in plain loops.
   *
   * @param q queries, {@code [tokens, heads * dim]}
   * @param k for a query's position, the keys as it reads them, {@code [tokens, keyHeads * dim]}
   * @param v as k, for values
   */
  double[] plain(int window, float[] q, IntFunction<float[]> k, IntFunction<float[]> v) {
    double[] out = new double[q.length];
    for (int token = 0; token < tokens; token++) {
      float[] keys = k.apply(token);
      float[] values = v.apply(token);
      for (int head = 0; head < heads; head++) {
        int keyHead = head / (heads / keyHeads);
        int from = window == 0 ? 0 : Math.max(0, token - window + 1);
        double sum = 0;
        int at = (token * heads + head) * dim;
        double[] scores = new double[token + 1];
        for (int j = from; j <= token; j++) {
          for (int d = 0; d < dim; d++) {
            scores[j] += (double) q[at + d] * keys[(j * keyHeads + keyHead) * dim + d];
          }
          scores[j] = Math.exp(scores[j] / Math.sqrt(dim));
          sum += scores[j];
        }
        for (int j = from; j <= token; j++) {
          for (int d = 0; d < dim; d++) {
            out[at + d] += scores[j] / sum * values[(j * keyHeads + keyHead) * dim + d];
          }
        }
      }
    }
    return out;
  }
}
