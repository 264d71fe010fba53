// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where a tokenizer comes from, as plain data. */
public sealed interface TokenizerSpec {
  /** Beginning of sequence, if the configuration names one. */
  OptionalInt bos();

  /** End of sequence, if the configuration names one. */
  OptionalInt eos();

  /** Source of the chat template, if there is one. */
  Optional<String> chatTemplate();

  /**
   * A Hugging Face {@code tokenizer.json}.
   *
   * @param json the file's content
   */
  record HuggingFace(String json, OptionalInt bos, OptionalInt eos, Optional<String> chatTemplate)
      implements TokenizerSpec {}

  /**
   * The vocabulary of a GGUF file ({@code tokenizer.ggml.*}).
   *
   * @param model {@code gpt2} (byte-level BPE) or {@code llama} (SentencePiece BPE by score)
   * @param preTokenizer {@code tokenizer.ggml.pre}; empty if the file names none
   * @param pieces vocabulary, by id
   * @param scores one per piece, or empty
   * @param types one per piece (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte),
   *     or empty
   * @param merges pairs separated by a space, in rank order, or empty
   */
  record Ggml(
      String model,
      String preTokenizer,
      List<String> pieces,
      List<Float> scores,
      List<Integer> types,
      List<String> merges,
      OptionalInt bos,
      OptionalInt eos,
      OptionalInt unknown,
      boolean addBos,
      boolean addEos,
      boolean addSpacePrefix,
      Optional<String> chatTemplate)
      implements TokenizerSpec {}
}
