// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.KvCache;
import io.lowbit.backend.Linear;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Span;
import io.lowbit.backend.TargetScores;
import io.lowbit.backend.Weight;
import java.util.List;
import java.util.Optional;

/**
 * One forward pass, in three steps that can be driven separately: {@link #embed}, {@link #block}
 * for each layer, {@link #finish}. {@link #forward} runs them all.
 */
public final class Decoder {
  private final Architecture architecture;
  private final Backend backend;
  private final Weight embedding;
  private final List<Block> blocks;
  private final Norm finalNorm;
  private final Weight head;
  private final CacheLayout cacheLayout;
  private final AttentionShape attention;

  Decoder(
      Architecture architecture,
      Backend backend,
      Weight embedding,
      List<Block> blocks,
      Norm finalNorm,
      Weight head,
      CacheLayout cacheLayout) {
    this.architecture = architecture;
    this.backend = backend;
    this.embedding = embedding;
    this.blocks = List.copyOf(blocks);
    this.finalNorm = finalNorm;
    this.head = head;
    this.cacheLayout = cacheLayout;
    this.attention =
        new AttentionShape(
            architecture.heads(),
            architecture.keyHeads(),
            architecture.headDim(),
            (float) (1 / Math.sqrt(architecture.headDim())),
            architecture.window());
  }

  /** What this decoder is made of. */
  public Architecture architecture() {
    return architecture;
  }

  /** An empty sequence. */
  public KvCache newCache() {
    return backend.newCache(cacheLayout);
  }

  /** First step: token ids to the residual stream. */
  public Pass embed(Batch batch) {
    Pass pass = new Pass(backend, architecture, batch);
    backend.embed(embedding, batch.ids(), pass.hidden);
    return pass;
  }

  /**
   * Second step, for layers 0, 1, … in turn: {@code x += attention(norm(x)); x += mlp(norm(x))}.
   */
  public void block(int layer, Pass pass) {
    Block block = blocks.get(layer);
    List<Span> spans = pass.batch().spans();

    backend.norm(pass.hidden, block.attentionNorm(), pass.normed);
    backend.linear(pass.normed, block.query(), pass.query);
    backend.linear(pass.normed, block.key(), pass.key);
    backend.linear(pass.normed, block.value(), pass.value);
    backend.rotate(pass.query, architecture.headDim(), architecture.rotary(), spans);
    backend.rotate(pass.key, architecture.headDim(), architecture.rotary(), spans);
    backend.append(layer, pass.key, pass.value, spans);
    backend.attention(layer, pass.query, attention, spans, pass.attended);
    backend.linear(pass.attended, block.attentionOutput(), pass.projected);
    backend.add(pass.hidden, pass.projected);

    backend.norm(pass.hidden, block.mlpNorm(), pass.normed);
    backend.linear(pass.normed, block.gate(), pass.gate);
    backend.linear(pass.normed, block.up(), pass.up);
    backend.gatedActivation(architecture.activation(), pass.gate, pass.up, pass.gate);
    backend.linear(pass.gate, block.down(), pass.projected);
    backend.add(pass.hidden, pass.projected);
  }

  /**
   * Third step: the final norm. The caches then hold the batch's tokens.
   *
   * @return what the head multiplies, {@code [tokens, hidden]}; belongs to the pass
   */
  public Buffer finish(Pass pass) {
    backend.norm(pass.hidden, finalNorm, pass.normed);
    for (Span span : pass.batch().spans()) {
      span.cache().advance(span.position() + span.tokens());
    }
    return pass.normed;
  }

  /**
   * All three steps; {@link #finish}'s result is {@code pass.normed()} until the pass is closed.
   */
  public Pass forward(Batch batch) {
    Pass pass = embed(batch);
    for (int layer = 0; layer < blocks.size(); layer++) {
      block(layer, pass);
    }
    finish(pass);
    return pass;
  }

  /** Log-probabilities of targets after a finished pass; see {@link Backend#logProbs}. */
  public TargetScores logProbs(Pass finished, int[] rows, int[] targets) {
    return backend.logProbs(finished.normed, head, rows, targets);
  }

  /** Most likely next tokens after a finished pass; see {@link Backend#argMax}. */
  public int[] argMax(Pass finished, int[] rows) {
    return backend.argMax(finished.normed, head, rows);
  }

  /**
   * Logits of all tokens of a finished pass, {@code [tokens, vocabulary]}; the caller closes the
   * buffer.
   */
  public Buffer logits(Pass finished) {
    Buffer logits = backend.allocate(finished.normed.rows(), head.rows());
    backend.linear(finished.normed, new Linear(head, Optional.empty(), Optional.empty()), logits);
    return logits;
  }
}
