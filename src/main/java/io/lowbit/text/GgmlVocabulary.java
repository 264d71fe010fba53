// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads a tokenizer out of the metadata of a GGUF file ({@code tokenizer.ggml.*}). */
public final class GgmlVocabulary {
  private static final String PREFIX = "tokenizer.ggml.";

  private final Map<String, Object> metadata;

  private GgmlVocabulary(Map<String, Object> metadata) {
    this.metadata = metadata;
  }

  /**
   * Reads the vocabulary.
   *
   * @param metadata key-values of the file: numbers, Boolean, String, List
   * @throws IllegalArgumentException if there is none or it contradicts itself
   */
  public static TokenizerSpec.Ggml from(Map<String, Object> metadata) {
    return new GgmlVocabulary(metadata).read();
  }

  /** Every id that ends an answer: end of sequence, of turn, of message; in that order. */
  public static Set<Integer> stops(Map<String, Object> metadata) {
    GgmlVocabulary vocabulary = new GgmlVocabulary(metadata);
    int count = vocabulary.list("tokens", String.class).size();
    Set<Integer> stops = new LinkedHashSet<>();
    for (String key : List.of("eos_token_id", "eot_token_id", "eom_token_id")) {
      vocabulary.id(key, count).ifPresent(stops::add);
    }
    return stops;
  }

  private TokenizerSpec.Ggml read() {
    String model =
        value("model", String.class)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the file has no tokenizer: the key 'tokenizer.ggml.model' is missing"));
    List<String> pieces = list("tokens", String.class);
    int count = pieces.size();
    if (count == 0) {
      throw new IllegalArgumentException(
          "the file has no vocabulary: 'tokenizer.ggml.tokens' is empty or missing");
    }
    requireDistinct(pieces);
    List<Float> scores = list("scores", Number.class).stream().map(Number::floatValue).toList();
    requireCount("scores", scores.size(), count);
    for (int id = 0; id < scores.size(); id++) {
      if (scores.get(id).isNaN()) {
        throw new IllegalArgumentException("'tokenizer.ggml.scores' is not a number at " + id);
      }
    }
    List<Integer> types = list("token_type", Number.class).stream().map(Number::intValue).toList();
    requireCount("token_type", types.size(), count);
    boolean sentencePiece = model.equals("llama");
    String pre = value("pre", String.class).orElse("");
    return new TokenizerSpec.Ggml(
        model,
        pre,
        pieces,
        scores,
        types,
        list("merges", String.class),
        orDefault(id("bos_token_id", count), sentencePiece, 1),
        orDefault(id("eos_token_id", count), sentencePiece, 2),
        orDefault(id("unknown_token_id", count), sentencePiece, 0),
        value("add_bos_token", Boolean.class).orElse(sentencePiece || addsBos(model, pre)),
        value("add_eos_token", Boolean.class).orElse(false),
        value("add_space_prefix", Boolean.class).orElse(sentencePiece),
        Optional.ofNullable(metadata.get("tokenizer.chat_template"))
            .map(template -> typed("tokenizer.chat_template", template, String.class)));
  }

  private static boolean addsBos(String model, String pre) {
    return model.equals("gpt2") && PreTokenizer.named(pre).addBos();
  }

  private static OptionalInt orDefault(OptionalInt id, boolean applies, int value) {
    return id.isEmpty() && applies ? OptionalInt.of(value) : id;
  }

  private <T> Optional<T> value(String key, Class<T> type) {
    return Optional.ofNullable(metadata.get(PREFIX + key)).map(v -> typed(PREFIX + key, v, type));
  }

  private <T> List<T> list(String key, Class<T> type) {
    Object value = metadata.get(PREFIX + key);
    if (value == null) {
      return List.of();
    }
    List<?> entries = typed(PREFIX + key, value, List.class);
    List<T> result = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      result.add(typed(PREFIX + key + "[" + i + "]", entries.get(i), type));
    }
    return result;
  }

  private OptionalInt id(String key, int count) {
    Optional<Number> value = value(key, Number.class);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    long id = value.get().longValue();
    if (id == 0xFFFFFFFFL || id == -1) {
      return OptionalInt.empty(); // how converters write "none"
    }
    if (id < 0 || id >= count) {
      throw new IllegalArgumentException(
          "'%s%s' is %d but the vocabulary has %d pieces".formatted(PREFIX, key, id, count));
    }
    return OptionalInt.of((int) id);
  }

  private static <T> T typed(String key, Object value, Class<T> type) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "'%s' is of type %s, expected %s"
              .formatted(
                  key,
                  value == null ? "null" : value.getClass().getSimpleName(),
                  type.getSimpleName()));
    }
    return type.cast(value);
  }

  private static void requireCount(String key, int actual, int pieces) {
    if (actual != 0 && actual != pieces) {
      throw new IllegalArgumentException(
          "'%s%s' has %d entries but the vocabulary has %d pieces"
              .formatted(PREFIX, key, actual, pieces));
    }
  }

  private static void requireDistinct(List<String> pieces) {
    Map<String, Integer> seen = new HashMap<>();
    for (int id = 0; id < pieces.size(); id++) {
      Integer first = pieces.get(id).isEmpty() ? null : seen.put(pieces.get(id), id);
      if (first != null) {
        throw new IllegalArgumentException(
            "'tokenizer.ggml.tokens' has '%s' twice, as %d and %d"
                .formatted(pieces.get(id), first, id));
      }
    }
  }
}
