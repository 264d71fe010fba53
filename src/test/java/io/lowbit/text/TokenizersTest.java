// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tokenizers on vocabularies that can be followed by hand. */
public class TokenizersTest {
  @Test
  public void mergesBytesByRank() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(true)) {
      assertEquals(tokenizer.encode("abcab", false), new int[] {257, 256});
      assertEquals(tokenizer.encode("abc", true), new int[] {258, 257});
      assertEquals(tokenizer.encode("\u00e9", false), new int[] {0xc3, 0xa9});
      assertEquals(tokenizer.encode("a<s><|user|>", false), new int[] {'a', 258, 259});
      assertEquals(tokenizer.encodeSpecialAsText("<s><|user|>"), new int[] {'<', 's', '>', 259});
      assertEquals(tokenizer.decodeSkippingSpecial(new int[] {258, 259, 257}), "<|user|>abc");
      assertEquals(tokenizer.piece(257), "abc");
      assertEquals(tokenizer.piece(260), "");
      assertEquals(tokenizer.vocabularySize(), 260);
    }
  }

  @Test
  public void mergesPiecesByScore() {
    try (Tokenizer tokenizer =
        Tokenizers.open(GgmlVocabulary.from(TinyTokenizers.sentencePieceMetadata()))) {
      // bc scores best, then the prefix and a: _a bc. In "ab" alone, ab is better than _a.
      assertEquals(tokenizer.encode("abc", true), new int[] {1, 265, 264});
      assertEquals(tokenizer.encode("ab", false), new int[] {259, 263});
      // A prefix on every fragment, bytes for what has no piece.
      assertEquals(tokenizer.encode("b</s>c", false), new int[] {259, 261, 2, 259, 262});
      assertEquals(tokenizer.encode("\u00e9", false), new int[] {259, 3 + 0xc3, 3 + 0xa9});
      assertEquals(tokenizer.encode("", true), new int[] {1});
      assertEquals(tokenizer.decode(new int[] {265, 264, 259, 263}), "abc ab");
      assertEquals(tokenizer.bos(), OptionalInt.of(1));
      assertEquals(tokenizer.eos(), OptionalInt.of(2));
    }
  }

  @Test
  public void leavesOutThePrefixWhereTheFileSaysSo() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    metadata.put("tokenizer.ggml.add_space_prefix", false);
    metadata.put("tokenizer.ggml.add_bos_token", false);
    metadata.put("tokenizer.ggml.add_eos_token", true);
    try (Tokenizer tokenizer = Tokenizers.open(GgmlVocabulary.from(metadata))) {
      assertEquals(tokenizer.encode("b a", true), new int[] {261, 265, 2});
      assertEquals(tokenizer.decode(new int[] {265}), " a");
    }
  }

  @DataProvider
  public Object[][] awkward() {
    return new Object[][] {
      {"\0a\0"}, {"a\r\n\rb"}, {"\ufeffa"}, {"\ud83d\ude00"}, {"\udbff\udfff"}
    };
  }

  @Test(dataProvider = "awkward")
  public void keepsCharactersThatAreEasilyLost(String text) {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      assertEquals(tokenizer.decode(tokenizer.encode(text, false)), text);
    }
  }

  @DataProvider
  public Object[][] loneSurrogates() {
    return new Object[][] {{"a\ud83d", 1}, {"\ude00", 0}, {"\ud83da", 0}, {"\ude00\ud83d", 0}};
  }

  @Test(dataProvider = "loneSurrogates")
  public void refusesLoneSurrogates(String text, int index) {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      String message =
          expectThrows(IllegalArgumentException.class, () -> tokenizer.encode(text, false))
              .getMessage();
      assertTrue(message.contains("lone surrogate") && message.contains("index " + index), message);
    }
  }

  @Test
  public void decodesIdsBeyondTheVocabularyToNothing() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      assertEquals(tokenizer.decode(new int[] {'a', 5000, Integer.MAX_VALUE, 'b'}), "ab");
      assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {-1}));
    }
  }

  @Test
  public void refusesToBeUsedAfterClose() {
    Tokenizer tokenizer = TinyTokenizers.byteLevel(false);
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("a", false));
    assertThrows(IllegalStateException.class, () -> tokenizer.decode(new int[] {1}));
  }

  @Test
  public void encodesOnManyThreads() throws Exception {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(true);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      String text = "ab abc cab \u00e9 <s> ".repeat(50);
      int[] expected = tokenizer.encode(text, true);
      List<Future<int[]>> results = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        results.add(threads.submit(() -> tokenizer.encode(text, true)));
      }
      for (Future<int[]> result : results) {
        assertEquals(result.get(), expected);
      }
    }
  }

  @Test
  public void takesWordsOfAnyLength() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      // One word of 300,000 bytes: a quadratic merge loop would not come back.
      int[] ids = tokenizer.encode("abc".repeat(100_000), false);
      assertEquals(ids.length, 100_000);
      assertEquals(ids[99_999], 257);
    }
  }

  @DataProvider
  public Object[][] brokenJson() {
    return new Object[][] {
      {"", "not a valid vocabulary"},
      {"[]", "not a valid vocabulary"},
      {"{}", "no pieces"},
      {"{\"model\": {\"vocab\": {\"a\": -1}}}", "id -1"},
      {"{\"model\": {\"vocab\": {\"a\": 2000000000}}}", "id 2000000000"},
      {"{\"model\": {\"vocab\": {\"a\": \"x\"}}}", "not a valid vocabulary"},
      {"{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{}]}", "lacks 'id'"},
      // These would end the process if the library saw them.
      {
        "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"x\": 1e999}}", "1e999 is out of range"
      },
      {"{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": \"\\ud800\"}", "not a valid vocabulary"},
      {
        "{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [], \"continuing_subword_prefix\": \"##\"}}",
        "'##' is not supported"
      },
      {
        "{\"post_processor\": {\"processors\": [{\"single\": [{\"SpecialToken\": {\"id\": \"<s>\"}}],"
            + " \"special_tokens\": {}}]}, \"model\": {\"vocab\": {\"a\": 0}}}",
        "names the token '<s>'"
      },
      {"{\"normalizer\": {\"type\": \"Precompiled\"}}", "'Precompiled' is not supported"},
      {"{\"model\": {\"vocab\": {\"a\": 0}}} {}", "not a valid vocabulary"},
      {"{\"model\": {\"type\": \"Magic\", \"vocab\": {\"a\": 0}}}", "does not accept"},
      {
        "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [[\"a\", \"b\"]]}}",
        "does not accept"
      },
    };
  }

  @Test(dataProvider = "brokenJson")
  public void refusesBrokenJson(String json, String expected) {
    TokenizerSpec spec =
        new TokenizerSpec.HuggingFace(
            json, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    String message =
        expectThrows(IllegalArgumentException.class, () -> Tokenizers.open(spec)).getMessage();
    assertTrue(message.contains(expected), message);
  }
}
