// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Vocabularies small enough to check by hand. */
final class TinyTokenizers {
  private TinyTokenizers() {}

  /**
   * All bytes (ids 0 to 255, in the order of their values), "ab" 256, "abc" 257, {@code <s>} 258
   * (control), {@code <|user|>} 259 (user-defined).
   */
  static TokenizerSpec.Ggml byteLevelSpec(boolean addBos) {
    List<String> pieces = new ArrayList<>();
    List<Integer> types = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      pieces.add(BytePieces.spell(new byte[] {(byte) b}));
      types.add(1);
    }
    pieces.addAll(List.of("ab", "abc", "<s>", "<|user|>"));
    types.addAll(List.of(1, 1, 3, 4));
    return new TokenizerSpec.Ggml(
        "gpt2",
        "gpt-2",
        pieces,
        List.of(),
        types,
        List.of("a b", "ab c"),
        OptionalInt.of(258),
        OptionalInt.empty(),
        OptionalInt.empty(),
        addBos,
        false,
        false,
        Optional.empty());
  }

  static Tokenizer byteLevel(boolean addBos) {
    return Tokenizers.open(byteLevelSpec(addBos));
  }

  static Tokenizer withoutSpecials() {
    return Tokenizers.open(
        new TokenizerSpec.HuggingFace(
            "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1}, \"merges\": []}}",
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty()));
  }

  /**
   * A SentencePiece vocabulary as GGUF metadata: {@code <unk>} 0, {@code <s>} 1, {@code </s>} 2,
   * all bytes 3 to 258, then U+2581 259, a 260, b 261, c 262, "ab" 263 (score -2), "bc" 264 (-1),
   * U+2581 "a" 265 (-3).
   */
  static Map<String, Object> sentencePieceMetadata() {
    List<Object> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    List<Object> scores = new ArrayList<>(List.of(0.0, 0.0, 0.0));
    List<Object> types = new ArrayList<>(List.of(2L, 3L, 3L));
    for (int b = 0; b < 256; b++) {
      pieces.add("<0x%02X>".formatted(b));
      scores.add(0.0);
      types.add(6L);
    }
    pieces.addAll(List.of("\u2581", "a", "b", "c", "ab", "bc", "\u2581a"));
    scores.addAll(List.of(-9.0, -9.0, -9.0, -9.0, -2.0, -1.0, -3.0));
    types.addAll(List.of(1L, 1L, 1L, 1L, 1L, 1L, 1L));
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("tokenizer.ggml.model", "llama");
    metadata.put("tokenizer.ggml.tokens", pieces);
    metadata.put("tokenizer.ggml.scores", scores);
    metadata.put("tokenizer.ggml.token_type", types);
    return metadata;
  }
}
