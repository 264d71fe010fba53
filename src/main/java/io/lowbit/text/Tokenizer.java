// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.io.IOException;
import java.io.Reader;
import java.util.OptionalInt;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
  /**
   * Encodes text. Special-token text inside it is recognised.
   *
   * @param addSpecial add what the tokenizer adds by default (such as BOS); otherwise nothing is
   *     added
   * @throws IllegalArgumentException if the text has a lone surrogate
   */
  int[] encode(String text, boolean addSpecial);

  /**
   * Encodes a text of any length, of which only a part needs to be in memory at a time. The ids are
   * those of the whole text at once.
   *
   * @param addSpecial as for {@link #encode(String, boolean)}
   * @throws IOException if the reader fails
   * @throws IllegalArgumentException if the text has a lone surrogate
   */
  default int[] encode(Reader text, boolean addSpecial) throws IOException {
    return encode(text.readAllAsString(), addSpecial);
  }

  /**
   * Encodes text from an untrusted source: the text of a special token is ordinary text. Added
   * tokens that are not special are still recognised; nothing is added.
   *
   * @throws IllegalArgumentException if the text has a lone surrogate
   */
  int[] encodeSpecialAsText(String text);

  /**
   * Decodes ids, special tokens kept, no clean-up of spaces. Ids beyond the vocabulary (rows that
   * only pad an embedding) give no text.
   *
   * @throws IllegalArgumentException if an id is negative
   */
  String decode(int[] ids);

  /** Decodes ids, special tokens left out. */
  String decodeSkippingSpecial(int[] ids);

  /** One more than the largest id, added tokens included. */
  int vocabularySize();

  /** Beginning of sequence. */
  OptionalInt bos();

  /** End of sequence. */
  OptionalInt eos();

  /** The vocabulary piece of an id, for display; empty for an id that has none. */
  String piece(int id);

  @Override
  void close();
}
