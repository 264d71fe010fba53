// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Consumer;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** A text encoded part by part has the ids of the text encoded at once. */
public class PiecewiseEncodingTest {
  private static final int WHOLE = Integer.MAX_VALUE;

  /** What texts are put together from; many of them must not be cut apart. */
  private static final String[] BITS = {
    "the",
    "cat",
    "a",
    "I",
    "Hello",
    "it's",
    "don't",
    "x'S",
    "na\u00efve",
    "e\u0301",
    "Stra\u00dfe",
    " ",
    " ",
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    " \n",
    "\n ",
    "\n\n\n ",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u200b",
    ".",
    ",",
    "!?",
    "...",
    "(",
    "\"",
    "'",
    "/",
    "\u3002",
    "\u2014",
    "1",
    "42",
    "2024",
    "\u0663",
    "\u00bd",
    "\u4f60\u597d",
    "\u6f22",
    "\u3042\u308a",
    "\u30ab",
    "\ud55c\uad6d",
    "\u1112\u1161",
    "\u0e01\u0e33",
    "\u0928\u093f",
    "\u0645\u0631\u062d\u0628\u0627",
    "\u043f\u0440\u0438\u0432\u0435\u0442",
    "\u03c3\u03b1\u03c2",
    "\ud83d\ude00",
    "\ud83d\udc69\u200d\ud83d\udcbb",
    "\ud83c\udde9\ud83c\uddea",
    "\ud840\udc00",
    "\u0301",
    "\u0308",
    "\u2581",
    "\u2581a",
    "\u212b",
    "<s>",
    "</s>",
    "<unk>",
    "<|endoftext|>",
    "<|im_start|>",
    "<|user|>",
    "<0x0A>",
    "\ufeff",
    "\u0000",
  };

  record Case(String name, TokenizerSpec spec, Consumer<SafeCuts> expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case real(String file) throws IOException {
    return new Case(
        file,
        spec(Shared.path(file)),
        cuts -> {
          assertFalse(cuts.beforeSpace().isEmpty());
          assertFalse(cuts.afterLine().isEmpty());
        });
  }

  private static TokenizerSpec spec(Path source) throws IOException {
    if (!source.toString().endsWith(".gguf")) {
      return TokenizerFiles.read(source);
    }
    try (Checkpoint checkpoint = Checkpoints.open(source)) {
      return GgmlVocabulary.from(checkpoint.metadata());
    }
  }

  private static TokenizerSpec changed(TokenizerSpec spec, Consumer<JsonObject> change) {
    JsonObject root =
        JsonParser.parseString(((TokenizerSpec.HuggingFace) spec).json()).getAsJsonObject();
    change.accept(root);
    return new TokenizerSpec.HuggingFace(root.toString(), spec.bos(), spec.eos(), Optional.empty());
  }

  private static JsonObject metaspace(String scheme, boolean split) {
    JsonObject metaspace = TokenizerJson.typed("Metaspace");
    metaspace.addProperty("replacement", "\u2581");
    metaspace.addProperty("prepend_scheme", scheme);
    metaspace.addProperty("split", split);
    return metaspace;
  }

  @DataProvider
  public Object[][] realTokenizers() throws IOException {
    List<Case> cases = new ArrayList<>();
    for (String file :
        List.of(
            "tokenizers/gpt2",
            "tokenizers/gpt-neox-20b",
            "tokenizers/llama2",
            "tokenizers/mistral-v1",
            "tokenizers/qwen1",
            "tokenizers/qwen3",
            "models/stories260K-hf",
            "models/SmolLM2-135M-Instruct.Q4_1.gguf",
            "tokenizers/ggml-vocab/ggml-vocab-falcon.gguf",
            "tokenizers/ggml-vocab/ggml-vocab-llama-spm.gguf",
            "tokenizers/ggml-vocab/ggml-vocab-mpt.gguf",
            "tokenizers/ggml-vocab/ggml-vocab-starcoder.gguf")) {
      cases.add(real(file));
    }
    TokenizerSpec llama = spec(Shared.path("tokenizers/mistral-v1"));
    for (String scheme : List.of("always", "first", "never")) {
      for (boolean split : new boolean[] {false, true}) {
        TokenizerSpec spec =
            changed(
                llama,
                root -> {
                  root.add("normalizer", JsonNull.INSTANCE);
                  root.add("pre_tokenizer", metaspace(scheme, split));
                });
        cases.add(
            new Case(
                "metaspace " + scheme + " " + split,
                spec,
                cuts -> {
                  assertFalse(cuts.dropsSpace());
                  assertEquals(cuts.repeatsLine(), !scheme.equals("never"));
                }));
      }
    }
    TokenizerSpec collapsing =
        changed(
            llama,
            root ->
                root.add(
                    "normalizer",
                    new SpaceRule(SpaceRule.Prefix.EVERY_FRAGMENT, true).normalizer()));
    cases.add(new Case("collapsing spaces", collapsing, cuts -> assertTrue(cuts.dropsSpace())));
    return cases.stream().map(c -> new Object[] {c}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "realTokenizers")
  public void givesTheIdsOfTheWhole(Case tokenizerCase) throws IOException {
    Random random = new Random(1);
    int cut = 0;
    try (NativeTokenizer whole = Tokenizers.open(tokenizerCase.spec, WHOLE);
        NativeTokenizer parts = Tokenizers.open(tokenizerCase.spec, 1)) {
      tokenizerCase.expected.accept(parts.cuts().orElseThrow());
      for (int i = 0; i < 400; i++) {
        StringBuilder text = new StringBuilder();
        for (int bits = 1 + random.nextInt(60); bits > 0; bits--) {
          text.append(BITS[random.nextInt(i % 3 == 0 ? 30 : BITS.length)]);
        }
        assertSame(whole, parts, text.toString());
        cut += count(text.toString(), parts) > 1 ? 1 : 0;
      }
    }
    assertTrue(cut > 30, tokenizerCase + ": texts that were cut: " + cut);
  }

  @Test(dataProvider = "realTokenizers")
  public void givesTheIdsOfTheWholeAroundEveryPairOfBits(Case tokenizerCase) {
    try (NativeTokenizer whole = Tokenizers.open(tokenizerCase.spec, WHOLE);
        NativeTokenizer parts = Tokenizers.open(tokenizerCase.spec, 1)) {
      for (String left : BITS) {
        StringBuilder text = new StringBuilder();
        for (String right : BITS) {
          text.append(left).append(' ').append(right).append('\n').append(right).append(left);
        }
        assertSame(whole, parts, text.toString());
      }
    }
  }

  private static void assertSame(Tokenizer whole, Tokenizer parts, String text) {
    String shown = new JsonPrimitive(text).toString();
    assertEquals(parts.encode(text, false), whole.encode(text, false), shown);
    assertEquals(parts.encode(text, true), whole.encode(text, true), shown);
    assertEquals(parts.encodeSpecialAsText(text), whole.encodeSpecialAsText(text), shown);
  }

  private static int count(String text, NativeTokenizer tokenizer) throws IOException {
    TextParts parts =
        new TextParts(
            new StringBuilder(), new StringReader(text), tokenizer.cuts().orElseThrow(), 1);
    int count = 0;
    while (parts.next().isPresent()) {
      count++;
    }
    return count;
  }

  @DataProvider
  public Object[][] goldens() {
    return new TokenizerGoldenTest().tokenizers();
  }

  @Test(dataProvider = "goldens")
  public void givesTheIdsOfTheOriginal(String golden, String source, int rows) throws IOException {
    int cut = 0;
    try (NativeTokenizer tokenizer = Tokenizers.open(spec(Shared.path(source)), 1)) {
      for (JsonObject row : TokenizerGoldenTest.rows("golden/tokenizers/" + golden + ".jsonl")) {
        String text = row.get("text").getAsString();
        int[] ids = TokenizerGoldenTest.ints(row.get("ids"));
        int[] special = TokenizerGoldenTest.ints(row.get("ids_with_special"));
        assertEquals(tokenizer.encode(text, false), ids, row.toString());
        assertEquals(tokenizer.encode(new StringReader(text), true), special, row.toString());
        cut += count(text, tokenizer) > 1 ? 1 : 0;
      }
    }
    assertTrue(cut > 50, "texts that were cut: " + cut);
  }

  @Test
  public void encodesALongTextInParts() throws IOException {
    String text = Files.readString(Shared.path("datasets/wikitext-2/valid.txt"));
    TokenizerSpec spec = spec(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
    try (NativeTokenizer whole = Tokenizers.open(spec, WHOLE);
        Tokenizer parts = Tokenizers.open(spec);
        Reader reader = new StringReader(text)) {
      int[] expected = whole.encode(text, true);
      assertTrue(expected.length > 250_000);
      assertEquals(parts.encode(text, true), expected);
      assertEquals(parts.encode(reader, true), expected);
    }
  }

  @Test
  public void partsHaveTheLengthAskedFor() throws IOException {
    try (NativeTokenizer tokenizer = Tokenizers.open(TinyTokenizers.byteLevelSpec(false), 100)) {
      assertEquals(count("ab cab  ab\nb, a\n\nb", tokenizer), 3); // "ab", " cab  ab\n", the rest
      TextParts parts =
          new TextParts(
              new StringBuilder(),
              new StringReader("word ".repeat(1000)),
              tokenizer.cuts().orElseThrow(),
              100);
      int longest = 0;
      for (Optional<TextParts.Part> p = parts.next(); p.isPresent(); p = parts.next()) {
        longest = Math.max(longest, p.get().text().length());
      }
      assertTrue(longest > 90 && longest <= 100, "longest part: " + longest);
    }
  }

  @Test
  public void encodesWholeWhereNothingIsSafe() throws IOException {
    String noBlank = "\u6f22\u5b57\u3002".repeat(200) + "abc".repeat(200);
    try (NativeTokenizer whole = Tokenizers.open(TinyTokenizers.byteLevelSpec(true), WHOLE);
        NativeTokenizer parts = Tokenizers.open(TinyTokenizers.byteLevelSpec(true), 1)) {
      assertEquals(count(noBlank, parts), 1);
      assertSame(whole, parts, noBlank);
    }
  }

  /** Pieces with a blank or a line feed inside, and added tokens that touch cuts. */
  @Test
  public void refusesCutsThatAPieceOrTokenSpans() {
    Map<String, Object> metadata = TinyTokenizers.sentencePieceMetadata();
    @SuppressWarnings("unchecked")
    List<Object> pieces = (List<Object>) metadata.get("tokenizer.ggml.tokens");
    pieces.set(pieces.indexOf("bc"), "b\u2581");
    TokenizerSpec spec = GgmlVocabulary.from(metadata);
    try (NativeTokenizer whole = Tokenizers.open(spec, WHOLE);
        NativeTokenizer parts = Tokenizers.open(spec, 1)) {
      SafeCuts cuts = parts.cuts().orElseThrow();
      assertTrue(cuts.beforeSpace().get('a') && !cuts.beforeSpace().get('b'));
      assertFalse(cuts.beforeSpace().get('z'), "a letter that is no piece");
      assertSame(whole, parts, "a b a\nb b a  c a zz aa b\n\nab b abc");
    }
  }

  @Test
  public void refusesCutsAtAddedTokens() {
    TokenizerSpec.HuggingFace plain = byteLevelWith();
    assertTrue(CutRules.of(plain.json(), PieceTable.read(plain.json())).isPresent());
    for (String flag : List.of("lstrip", "rstrip", "single_word", "normalized")) {
      for (String content : List.of("a", "b c", " a", "c ", "a\nb", "\n", " ", "\nc")) {
        TokenizerSpec spec = byteLevelWith(content, flag);
        try (NativeTokenizer whole = Tokenizers.open(spec, WHOLE);
            NativeTokenizer parts = Tokenizers.open(spec, 1)) {
          assertSame(
              whole, parts, "a b c a a b\nb\na\nc b c c c b\nb c\na b b a  c\n\na b\ncab b ac a");
        }
      }
    }
  }

  private static TokenizerSpec.HuggingFace byteLevelWith(String... contentAndFlag) {
    JsonObject vocabulary = new JsonObject();
    for (int b = 0; b < 256; b++) {
      vocabulary.addProperty(BytePieces.spell(new byte[] {(byte) b}), b);
    }
    JsonObject model = TokenizerJson.typed("BPE");
    model.add("vocab", vocabulary);
    model.add("merges", new JsonArray());
    JsonObject byteLevel = TokenizerJson.typed("ByteLevel");
    byteLevel.addProperty("add_prefix_space", false);
    byteLevel.addProperty("trim_offsets", false);
    JsonArray added = new JsonArray();
    if (contentAndFlag.length > 0) {
      JsonObject token = new JsonObject();
      token.addProperty("id", 256);
      token.addProperty("content", contentAndFlag[0]);
      for (String flag : List.of("lstrip", "rstrip", "single_word", "normalized", "special")) {
        token.addProperty(flag, flag.equals(contentAndFlag[1]));
      }
      added.add(token);
    }
    JsonObject root = new JsonObject();
    root.addProperty("version", "1.0");
    root.add("added_tokens", added);
    root.add("pre_tokenizer", byteLevel);
    root.add("model", model);
    return new TokenizerSpec.HuggingFace(
        root.toString(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
  }

  @Test
  public void knowsNoCutsOfWhatItDoesNotKnow() {
    TokenizerSpec.HuggingFace plain = byteLevelWith();
    for (String[] change :
        new String[][] {
          {"pre_tokenizer", "{\"type\": \"Whitespace\"}"},
          {
            "pre_tokenizer",
            "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a b\"}, \"behavior\": \"Isolated\", \"invert\": false}"
          },
          {
            "normalizer",
            "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a b\"}, \"content\": \"\"}"
          },
          {"post_processor", "{\"type\": \"Unheard\"}"},
          {"model", "{\"type\": \"BPE\", \"dropout\": 0.5}"},
        }) {
      TokenizerSpec.HuggingFace other =
          (TokenizerSpec.HuggingFace)
              changed(plain, root -> root.add(change[0], JsonParser.parseString(change[1])));
      assertTrue(CutRules.of(other.json(), PieceTable.read(plain.json())).isEmpty(), change[1]);
    }
  }

  @Test
  public void namesThePlaceOfALoneSurrogateInTheWholeText() {
    try (Tokenizer tokenizer = Tokenizers.open(TinyTokenizers.byteLevelSpec(false), 10)) {
      String message =
          expectThrows(
                  IllegalArgumentException.class,
                  () -> tokenizer.encode("ab ".repeat(100) + "\ud83d", false))
              .getMessage();
      assertTrue(message.contains("index 300"), message);
    }
  }
}
