// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a byte-level vocabulary cuts text before merging, by the names that GGUF files use in {@code
 * tokenizer.ggml.pre}.
 *
 * @param splits regular expressions, applied one after the other; a match becomes a fragment of its
 *     own, and the next expression sees each fragment alone
 * @param compose whether the model normalises to NFC first
 * @param wholePieces whether a fragment that is a piece is taken as it is, without merging
 * @param addBos whether BOS is added where the file does not say
 */
record PreTokenizer(List<String> splits, boolean compose, boolean wholePieces, boolean addBos) {
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String SPACES = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String WORD = "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+";
  private static final String SYMBOLS = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|";
  private static final String SYMBOLS_WITH_SLASH = " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|";
  private static final String CAPITALISED =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
  private static final String CAPITALS =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";

  /** The rule of GPT-2, which also serves files that name none. */
  static final PreTokenizer DEFAULT = new PreTokenizer(List.of(GPT2), false, false, false);

  /** The rule of the first Qwen generations and Qwen3. */
  static final PreTokenizer QWEN2 =
      new PreTokenizer(
          List.of(CONTRACTIONS + "|" + WORD + "|\\p{N}|" + SYMBOLS + SPACES), true, false, false);

  private static final PreTokenizer GPT2_COMPOSED =
      new PreTokenizer(List.of(GPT2), true, false, false);
  private static final PreTokenizer SINGLE_DIGITS =
      new PreTokenizer(List.of("\\p{N}", GPT2), false, false, false);
  private static final PreTokenizer LLAMA3 =
      new PreTokenizer(
          List.of(CONTRACTIONS + "|" + WORD + "|\\p{N}{1,3}|" + SYMBOLS + SPACES),
          false,
          true,
          true);

  private static final Map<String, PreTokenizer> BY_NAME =
      Map.ofEntries(
          Map.entry("gpt-2", DEFAULT),
          Map.entry("default", DEFAULT),
          Map.entry("phi-2", DEFAULT),
          Map.entry("jais", DEFAULT),
          Map.entry("mpt", GPT2_COMPOSED),
          Map.entry("olmo", GPT2_COMPOSED),
          Map.entry("starcoder", SINGLE_DIGITS),
          Map.entry("smollm", SINGLE_DIGITS),
          Map.entry("refact", SINGLE_DIGITS),
          Map.entry("codeshell", SINGLE_DIGITS),
          Map.entry("command-r", new PreTokenizer(List.of("\\p{N}", GPT2), true, false, false)),
          Map.entry(
              "falcon",
              new PreTokenizer(
                  List.of("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"),
                  false,
                  false,
                  false)),
          Map.entry("llama-bpe", LLAMA3),
          Map.entry("llama3", LLAMA3),
          Map.entry("llama-v3", LLAMA3),
          Map.entry("qwen2", QWEN2),
          Map.entry("deepseek-r1-qwen", new PreTokenizer(QWEN2.splits(), false, false, false)),
          Map.entry(
              "deepseek-v3",
              new PreTokenizer(
                  List.of(
                      "\\p{N}{1,3}",
                      "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
                      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                          + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
                          + "| ?[\\p{P}\\p{S}]+[\\r\\n]*|"
                          + SPACES),
                  false,
                  false,
                  false)),
          Map.entry(
              "tekken",
              new PreTokenizer(
                  List.of(CAPITALISED + "|" + CAPITALS + "|\\p{N}|" + SYMBOLS_WITH_SLASH + SPACES),
                  false,
                  true,
                  true)),
          Map.entry(
              "gpt-4o",
              new PreTokenizer(
                  List.of(
                      CAPITALISED
                          + CONTRACTIONS
                          + "?|"
                          + CAPITALS
                          + CONTRACTIONS
                          + "?|\\p{N}{1,3}|"
                          + SYMBOLS_WITH_SLASH
                          + SPACES),
                  false,
                  false,
                  false)));

  /**
   * The rule of that name.
   *
   * @param name value of {@code tokenizer.ggml.pre}; empty if the file names none
   * @throws IllegalArgumentException if the name is unknown
   */
  static PreTokenizer named(String name) {
    if (name.isEmpty()) {
      return DEFAULT;
    }
    return Optional.ofNullable(BY_NAME.get(name))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the vocabulary asks for the pre-tokenizer '"
                    + name
                    + "' (tokenizer.ggml.pre), which is not known; known are "
                    + String.join(", ", new TreeMap<>(BY_NAME).keySet())
                    + "; use the model's tokenizer.json instead"));
  }

  /** Whether a rule of this class has that expression, so that {@link CutRules} holds for it. */
  static boolean isKnown(String regex) {
    return BY_NAME.values().stream().anyMatch(rule -> rule.splits().contains(regex));
  }

  /** Whether the matches of a known expression are the whole text, its words apart from spaces. */
  static boolean covers(String regex) {
    return regex.endsWith("|\\s+(?!\\S)|\\s+");
  }
}
