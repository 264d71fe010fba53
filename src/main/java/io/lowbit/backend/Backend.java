// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import io.lowbit.quant.ActivationScheme;
import io.lowbit.quant.IntegerGrid;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.quant.RoundToNearest;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A machine that runs decoders. Every operation is a pure function of each row (and of the sequence
 * it belongs to): the order of a reduction follows from the operation's own shape, never from the
 * number of rows, threads or neighbours, so the same token gives the same bits in any batch. A
 * back-end opened to be fast gives this up, and {@link #numerics} says so.
 *
 * <p>Buffers are {@code [tokens, width]}. Outputs must not overlap inputs unless an operation says
 * so. Results are rounded once to the output buffer's type; sums are kept in fp32 or better.
 */
public interface Backend extends AutoCloseable {
  /** {@code cpu} or {@code cuda}. */
  String name();

  /** One line for logs and provenance: device, instruction set or capability, threads. */
  String description();

  /**
   * Name of the arithmetic; two back-ends share it only if they give the same bits. Part of content
   * keys. Of a back-end opened to be fast it ends in {@code -fast-} and what multiplies, and its
   * bits may differ from batch to batch.
   */
  String numerics();

  /** Type of everything that is not low-bit: F32, F16 or BF16. */
  DType base();

  /**
   * Bytes of the device's own memory that are taken now, by every program; empty where it computes
   * in the host's.
   */
  default OptionalLong deviceBytes() {
    return OptionalLong.empty();
  }

  /** A buffer in the base type; its content is undefined until it is written. */
  Buffer allocate(int rows, int columns);

  /**
   * A dense weight, kept in the smaller of its own type and the base type that loses nothing, else
   * rounded to the base type.
   */
  Weight upload(Tensor matrix);

  /**
   * A packed weight. It stays packed where the back-end has a kernel for it, see {@link
   * Weight#kernel}; else it is dequantized and rounded to the base type.
   *
   * @param inputs how the inputs of the layer are quantized; {@link Linear} must say the same
   */
  Weight upload(QuantizedTensor matrix, Optional<ActivationScheme> inputs);

  /** A packed weight for inputs in the base type. */
  default Weight upload(QuantizedTensor matrix) {
    return upload(matrix, Optional.empty());
  }

  /**
   * A dense weight rounded to nearest, as {@link RoundToNearest} does it, and uploaded; a back-end
   * that can does it itself, with the same bits.
   *
   * @param name the tensor's, for messages
   * @param inputs as in {@link #upload(QuantizedTensor, Optional)}
   * @throws IllegalArgumentException as {@link RoundToNearest#quantize}
   */
  default Weight quantize(
      String name, Tensor matrix, IntegerGrid grid, Optional<ActivationScheme> inputs) {
    return upload(RoundToNearest.quantize(name, matrix, grid), inputs);
  }

  /** An empty cache. */
  KvCache newCache(CacheLayout layout);

  /**
   * {@code out[i] = table[ids[i]]}.
   *
   * @throws IllegalArgumentException if an id is not a row of the table
   */
  void embed(Weight table, int[] ids, Buffer out);

  /** Normalises each row of {@code x}; {@code out} may be {@code x}. */
  void norm(Buffer x, Norm norm, Buffer out);

  /** {@code out = x W^T + b}: x {@code [tokens, inputs]}, out {@code [tokens, outputs]}. */
  void linear(Buffer x, Linear linear, Buffer out);

  /**
   * Rotates the heads of {@code x} ({@code [tokens, heads * headDim]}) in place by each token's
   * position.
   */
  void rotate(Buffer x, int headDim, Rotary rotary, List<Span> spans);

  /**
   * Stores the keys and values ({@code [tokens, keyHeads * headDim]}) of the spans' tokens in one
   * layer, in the forms that the cache demands.
   *
   * @throws IllegalArgumentException if a span leaves a gap, or starts so far back that the cache
   *     no longer has the exact form of what its first token reads
   */
  void append(int layer, Buffer keys, Buffer values, List<Span> spans);

  /**
   * Softmax attention of each token over its own sequence up to and including itself, reading keys
   * and values as its position finds them in the cache, quantized or still in the base type. Call
   * {@link #append} for the same spans first; once another layer has been appended to, what only
   * these tokens read may be gone. q and out: {@code [tokens, heads * headDim]}.
   */
  void attention(int layer, Buffer q, AttentionShape shape, List<Span> spans, Buffer out);

  /** {@code out = activation(gate) * up}; {@code out} may be either input. */
  void gatedActivation(Activation activation, Buffer gate, Buffer up, Buffer out);

  /** {@code x += y}. */
  void add(Buffer x, Buffer y);

  /**
   * Log-probabilities of given targets under {@code softmax(hidden[rows[i]] . head^T)} without
   * materialising [tokens, vocabulary].
   *
   * @param hidden {@code [tokens, width]}, after the final norm
   * @param head {@code [vocabulary, width]}
   * @param rows for each target, the row of {@code hidden} that predicts it; not falling
   * @param targets token ids
   */
  TargetScores logProbs(Buffer hidden, Weight head, int[] rows, int[] targets);

  /**
   * For each given row of {@code hidden} the id with the largest logit, the smallest id among
   * equals.
   */
  int[] argMax(Buffer hidden, Weight head, int[] rows);

  @Override
  void close();
}
