// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.Buffer;
import io.lowbit.backend.KvCache;
import io.lowbit.model.Batch;
import io.lowbit.model.Decoder;
import io.lowbit.model.Pass;
import io.lowbit.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything one pass over a sequence computes, for comparison with other implementations.
 *
 * @param logits {@code [tokens, vocabulary]}, fp32
 * @param hidden {@code [tokens, hidden]} each: the input of the first block, the output of every
 *     block but the last, and what the head multiplies; empty unless asked for
 */
public record Trace(Tensor logits, List<Tensor> hidden) {
  /** Runs one sequence from its beginning. */
  public static Trace of(Decoder decoder, int[] ids, boolean withHidden) {
    List<Tensor> hidden = new ArrayList<>();
    try (KvCache cache = decoder.newCache();
        Pass pass = decoder.embed(Batch.of(cache, ids))) {
      for (int layer = 0; layer < decoder.architecture().layers(); layer++) {
        if (withHidden) {
          hidden.add(copy(pass.hidden()));
        }
        decoder.block(layer, pass);
      }
      Buffer last = decoder.finish(pass);
      if (withHidden) {
        hidden.add(copy(last));
      }
      try (Buffer logits = decoder.logits(pass)) {
        return new Trace(copy(logits), hidden);
      }
    }
  }

  private static Tensor copy(Buffer buffer) {
    float[] values = new float[Math.multiplyExact(buffer.rows(), buffer.columns())];
    for (int row = 0; row < buffer.rows(); row++) {
      buffer.read(row, values, row * buffer.columns());
    }
    return Tensor.of(values, buffer.rows(), buffer.columns());
  }
}
