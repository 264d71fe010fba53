// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.testng.Assert.ThrowingRunnable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Vocabularies in GGUF metadata, well-formed and hostile. */
public class GgmlVocabularyTest {
  @Test
  public void readsMetadata() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    metadata.put("tokenizer.chat_template", "{{ messages }}");
    metadata.put("tokenizer.ggml.eot_token_id", 260L);
    TokenizerSpec.Ggml spec = GgmlVocabulary.from(metadata);
    assertEquals(spec.pieces().size(), 266);
    assertEquals(spec.scores().get(264), -1f);
    assertEquals(spec.chatTemplate(), Optional.of("{{ messages }}"));
    // What a SentencePiece file that says nothing means.
    assertEquals(spec.unknown(), OptionalInt.of(0));
    assertTrue(spec.addBos());
    assertTrue(spec.addSpacePrefix());
    metadata.put("tokenizer.ggml.eos_token_id", 2L);
    assertEquals(GgmlVocabulary.stops(metadata).toString(), "[2, 260]");
  }

  @Test
  public void takesTheLargestNumberForNone() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.bos_token_id", 0xFFFF_FFFFL);
    assertEquals(GgmlVocabulary.from(metadata).bos(), OptionalInt.empty());
  }

  @Test
  public void addsBosToLlama3UnlessTold() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    metadata.put("tokenizer.ggml.model", "gpt2");
    metadata.put("tokenizer.ggml.pre", "llama-bpe");
    assertTrue(GgmlVocabulary.from(metadata).addBos());
    metadata.put("tokenizer.ggml.pre", "gpt-2");
    assertEquals(GgmlVocabulary.from(metadata).addBos(), false);
  }

  @Test
  public void warnsWhereNoPreTokenizerIsNamed() {
    TokenizerSpec.Ggml named = TinyTokenizers.byteLevelSpec(false);
    assertEquals(Tokenizers.warnings(named), List.of());
    TokenizerSpec.Ggml unnamed = with(named, "gpt2", "", named.merges());
    assertEquals(Tokenizers.warnings(unnamed).size(), 1);
    assertTrue(Tokenizers.warnings(unnamed).getFirst().contains("tokenizer.ggml.pre"));
  }

  @DataProvider
  public Object[][] hostile() {
    String tokens = "tokenizer.ggml.tokens";
    return new Object[][] {
      {"tokenizer.ggml.model", null, "'tokenizer.ggml.model' is missing"},
      {"tokenizer.ggml.model", 7L, "is of type Long, expected String"},
      {"tokenizer.ggml.model", "rwkv", "'rwkv'"},
      {tokens, null, "no vocabulary"},
      {tokens, List.of(), "no vocabulary"},
      {tokens, "a", "expected List"},
      {tokens, List.of("a", 5L), "tokens[1]' is of type Long"},
      {tokens, List.of("a", "a"), "'a' twice, as 0 and 1"},
      {"tokenizer.ggml.scores", List.of(1.0), "1 entries but the vocabulary has 266"},
      {"tokenizer.ggml.scores", null, "0 scores"},
      {"tokenizer.ggml.token_type", List.of(1L, 1L), "2 entries but the vocabulary has 266"},
      {"tokenizer.ggml.bos_token_id", 266L, "is 266 but the vocabulary has 266"},
      {"tokenizer.ggml.eos_token_id", -2L, "is -2"},
      {"tokenizer.ggml.unknown_token_id", 1L << 40, "is 1099511627776"},
      {"tokenizer.ggml.add_bos_token", 1L, "expected Boolean"},
      {"tokenizer.chat_template", List.of(), "expected String"},
    };
  }

  @Test(dataProvider = "hostile")
  public void refusesWhatContradictsItself(String key, Object value, String expected) {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    if (value == null) {
      metadata.remove(key);
    } else {
      metadata.put(key, value);
    }
    assertRefused(expected, () -> Tokenizers.open(GgmlVocabulary.from(metadata)));
  }

  @Test
  public void refusesScoresThatAreNoNumbersAndUnknownTypes() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    replaceLast(metadata, "tokenizer.ggml.scores", Double.NaN);
    assertRefused("is not a number at 265", () -> GgmlVocabulary.from(metadata));
    replaceLast(metadata, "tokenizer.ggml.scores", 0.0);
    replaceLast(metadata, "tokenizer.ggml.token_type", 9L);
    assertRefused("piece 265 has type 9", () -> Tokenizers.open(GgmlVocabulary.from(metadata)));
  }

  @Test
  public void refusesUnknownPreTokenizersByName() {
    TokenizerSpec.Ggml spec = TinyTokenizers.byteLevelSpec(false);
    assertRefused("'gpt-17'", () -> Tokenizers.open(with(spec, "gpt2", "gpt-17", spec.merges())));
    assertRefused(
        "codeshell, command-r", () -> Tokenizers.open(with(spec, "gpt2", "gpt-17", spec.merges())));
  }

  @DataProvider
  public Object[][] merges() {
    return new Object[][] {
      {"ab", "expected two pieces"},
      {"a ", "expected two pieces"},
      {"", "expected two pieces"},
      {"a xyz", "'xyz' is not in the vocabulary"},
      {"b a", "'ba' is not in the vocabulary"},
    };
  }

  @Test(dataProvider = "merges")
  public void refusesImpossibleMerges(String merge, String expected) {
    TokenizerSpec.Ggml spec = TinyTokenizers.byteLevelSpec(false);
    assertRefused(
        expected, () -> Tokenizers.open(with(spec, "gpt2", "gpt-2", List.of("a b", merge))));
  }

  @DataProvider
  public Object[][] splits() {
    String digits = "a 1234 b";
    return new Object[][] {
      {"gpt-2", digits, List.of("a", " 1234", " b")},
      {"smollm", digits, List.of("a", " ", "1", "2", "3", "4", " b")},
      {"falcon", digits, List.of("a", " ", "123", "4", " b")},
      {"qwen2", digits, List.of("a", " ", "1", "2", "3", "4", " b")},
      {"llama-bpe", digits, List.of("a", " ", "123", "4", " b")},
      {"qwen2", "it'S \n x", List.of("it", "'S", " \n", " x")},
      {"gpt-2", "it'S \n x", List.of("it", "'", "S", " \n", " x")},
      {"tekken", "fooBar 12", List.of("foo", "Bar", " ", "1", "2")},
      {"gpt-4o", "fooBar's 1234", List.of("foo", "Bar's", " ", "123", "4")},
    };
  }

  /** With every fragment of the test made a piece, a text's pieces are its fragments. */
  @Test(dataProvider = "splits")
  public void cutsWhereTheRuleSays(String rule, String text, List<String> fragments) {
    TokenizerSpec.Ggml base = TinyTokenizers.byteLevelSpec(false);
    List<String> pieces = new ArrayList<>(base.pieces().subList(0, 256));
    List<String> merges = new ArrayList<>();
    // Every way to join two neighbours inside the text, so that what no cut separates is joined.
    for (int length = 2; length <= text.length(); length++) {
      for (int from = 0; from + length <= text.length(); from++) {
        String whole = spell(text.substring(from, from + length));
        if (!pieces.contains(whole)) {
          pieces.add(whole);
          for (int cut = 1; cut < length; cut++) {
            merges.add(whole.substring(0, cut) + " " + whole.substring(cut));
          }
        }
      }
    }
    TokenizerSpec.Ggml spec =
        new TokenizerSpec.Ggml(
            "gpt2",
            rule,
            pieces,
            List.of(),
            List.of(),
            merges,
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            false,
            false,
            false,
            Optional.empty());
    try (Tokenizer tokenizer = Tokenizers.open(spec)) {
      List<String> actual = new ArrayList<>();
      for (int id : tokenizer.encode(text, false)) {
        actual.add(tokenizer.decode(new int[] {id}));
      }
      assertEquals(actual, fragments);
    }
  }

  private static String spell(String ascii) {
    return BytePieces.spell(ascii.getBytes(StandardCharsets.US_ASCII));
  }

  private static void replaceLast(Map<String, Object> metadata, String key, Object value) {
    List<Object> changed = new ArrayList<>((List<?>) metadata.get(key));
    changed.set(changed.size() - 1, value);
    metadata.put(key, changed);
  }

  private static TokenizerSpec.Ggml with(
      TokenizerSpec.Ggml spec, String model, String pre, List<String> merges) {
    return new TokenizerSpec.Ggml(
        model,
        pre,
        spec.pieces(),
        spec.scores(),
        spec.types(),
        merges,
        spec.bos(),
        spec.eos(),
        spec.unknown(),
        spec.addBos(),
        spec.addEos(),
        spec.addSpacePrefix(),
        spec.chatTemplate());
  }

  private static void assertRefused(String expected, ThrowingRunnable action) {
    String message = expectThrows(IllegalArgumentException.class, action).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
