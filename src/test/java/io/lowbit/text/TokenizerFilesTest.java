// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Tokenizers as model folders hold them. */
public class TokenizerFilesTest {
  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": {"direction": "Right", "max_length": 2,
        "strategy": "LongestFirst", "stride": 0},
       "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "a"},
       "added_tokens": [{"id": 3, "content": "<s>", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true}],
       "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": {"type": "Fuse"},
       "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
      """;

  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("tokenizer");
  }

  @AfterMethod(alwaysRun = true)
  public void removeFolder() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  public void readsNamesAndTemplateAndCutsAndPadsNothing() throws IOException {
    write("tokenizer.json", TOKENIZER);
    write(
        "tokenizer_config.json",
        "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": null, \"chat_template\": \"old\"}");
    write("special_tokens_map.json", "{\"eos_token\": \"ab\"}");
    write("config.json", "{\"eos_token_id\": 1}");
    TokenizerSpec spec = TokenizerFiles.read(folder);
    assertEquals(spec.bos(), OptionalInt.of(3));
    assertEquals(spec.eos(), OptionalInt.of(2));
    assertEquals(spec.chatTemplate(), Optional.of("old"));
    write("chat_template.jinja", "new");
    assertEquals(TokenizerFiles.read(folder).chatTemplate(), Optional.of("new"));
    assertEquals(TokenizerFiles.stops(folder, spec).toString(), "[1, 2]");
    write("generation_config.json", "{\"eos_token_id\": [3, 0]}");
    assertEquals(TokenizerFiles.stops(folder, spec).toString(), "[3, 0, 2]");
    try (Tokenizer tokenizer = Tokenizers.open(spec)) {
      assertEquals(tokenizer.encode("ababb", false), new int[] {2, 2, 1});
    }
  }

  @Test
  public void takesIdsFromTheModelOnlyWhereNoTokenizerConfigurationExists() throws IOException {
    write("tokenizer.json", TOKENIZER);
    write("config.json", "{\"bos_token_id\": 0, \"eos_token_id\": [1, 2]}");
    assertEquals(TokenizerFiles.read(folder).bos(), OptionalInt.of(0));
    assertEquals(TokenizerFiles.read(folder).eos(), OptionalInt.of(1));
    write("tokenizer_config.json", "{\"bos_token\": null, \"model_max_length\": 5}");
    assertEquals(TokenizerFiles.read(folder).bos(), OptionalInt.empty());
  }

  @Test
  public void letsLlamaConfigurationsDecideAboutBos() throws IOException {
    write("tokenizer.json", TOKENIZER);
    for (String cls : List.of("LlamaTokenizer", "LlamaTokenizerFast")) {
      write(
          "tokenizer_config.json",
          "{\"tokenizer_class\": \""
              + cls
              + "\", \"bos_token\": \"<s>\", \"eos_token\": \"ab\","
              + " \"add_eos_token\": true}");
      try (Tokenizer tokenizer = Tokenizers.open(TokenizerFiles.read(folder))) {
        assertEquals(tokenizer.encode("a", true), new int[] {3, 0, 2});
        assertEquals(tokenizer.encode("a", false), new int[] {0});
      }
    }
    write("tokenizer_config.json", "{\"add_bos_token\": true, \"bos_token\": \"<s>\"}");
    try (Tokenizer tokenizer = Tokenizers.open(TokenizerFiles.read(folder))) {
      assertEquals(tokenizer.encode("a", true), new int[] {0}, "tokenizer.json decides");
    }
  }

  @Test
  public void picksTheDefaultOfSeveralTemplates() throws IOException {
    write("tokenizer.json", TOKENIZER);
    write(
        "tokenizer_config.json",
        """
        {"chat_template": [{"name": "tool_use", "template": "t"},
          {"name": "default", "template": "d"}]}
        """);
    assertEquals(TokenizerFiles.read(folder).chatTemplate(), Optional.of("d"));
  }

  @Test
  public void readsVocabularyAndMerges() throws IOException {
    for (List<String> names :
        List.of(List.of("vocab.json", "merges.txt"), List.of("encoder.json", "vocab.bpe"))) {
      write(names.get(0), "{\"a\": 0, \"b\": 1, \"ab\": 2, \"<|endoftext|>\": 3, \"\u0120\": 4}");
      write(names.get(1), "#version: 0.2\na b\n\n");
      TokenizerSpec spec = TokenizerFiles.read(folder.resolve(names.get(1)));
      assertEquals(spec.eos(), OptionalInt.of(3));
      try (Tokenizer tokenizer = Tokenizers.open(spec)) {
        assertEquals(tokenizer.encode("ab b<|endoftext|>", true), new int[] {2, 4, 1, 3});
      }
    }
    write("merges.txt", "a b\na c\n");
    assertRefused("merges.txt:2 is 'a c' but 'c' is not in the vocabulary");
    Files.delete(folder.resolve("merges.txt"));
    assertRefused("merges.txt is missing");
  }

  @Test
  public void readsSentencePieceModels() throws IOException {
    // a, b, ab, a space mark; no bytes; white space collapsed, as the trainer's default has it.
    byte[] bytes =
        join(
            piece("<unk>", 0, 2),
            piece("<s>", 0, 3),
            piece("</s>", 0, 3),
            piece("\u2581", -3, 1),
            piece("a", -4, 1),
            piece("b", -5, 1),
            piece("ab", -1, 1),
            piece("<sep>", 0, 4),
            field(2, new byte[] {3 << 3, 2}));
    Files.write(folder.resolve("tokenizer.model"), bytes);
    TokenizerSpec spec = TokenizerFiles.read(folder);
    assertEquals(spec.bos(), OptionalInt.of(1));
    try (Tokenizer tokenizer = Tokenizers.open(spec)) {
      assertEquals(tokenizer.encode("  ab   a ", true), new int[] {1, 3, 6, 3, 4});
      assertEquals(tokenizer.encode("b<sep>zz", false), new int[] {3, 5, 7, 3, 0});
    }
    // A token that only the configuration knows, and none in front.
    write(
        "tokenizer_config.json",
        """
        {"add_bos_token": false,
         "added_tokens_decoder": {"8": {"content": "<|user|>", "special": true}}}
        """);
    try (Tokenizer tokenizer = Tokenizers.open(TokenizerFiles.read(folder))) {
      assertEquals(tokenizer.encode("a<|user|>", true), new int[] {3, 4, 8});
      assertEquals(tokenizer.decodeSkippingSpecial(new int[] {4, 8}), "a");
    }
  }

  @Test
  public void refusesSentencePieceModelsCutAnywhere() throws IOException {
    byte[] whole = join(piece("<unk>", 0, 2), piece("a", -4, 1), field(2, new byte[] {24, 2}));
    Path file = folder.resolve("tokenizer.model");
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      String message =
          expectThrows(IllegalArgumentException.class, () -> TokenizerFiles.read(file))
              .getMessage();
      assertTrue(message.startsWith(file + ": "), message);
    }
    Files.write(file, join(piece("a", 0, 1), field(2, new byte[] {24, 1})));
    assertRefused("only type 2 (BPE) is supported");
    Files.write(file, join(piece("a", 0, 1), field(2, new byte[] {24, 2, (byte) 0xc8, 2, 9})));
    assertRefused("special id 9 but has 1 pieces");
    byte[] characterMap = field(3, field(2, new byte[] {1}));
    Files.write(file, join(piece("a", 0, 1), field(2, new byte[] {24, 2}), characterMap));
    assertRefused("it normalises characters");
  }

  @DataProvider
  public Object[][] brokenTiktoken() {
    return new Object[][] {
      {"YQ== 0\nYg== 2\n", "line 2"},
      {"YQ== 0\n!!!! 1\n", "line 2"},
      {"YQ== 0\nYWJj 1\n", "cannot be merged"},
      {"YQ==\n", "line 1"},
    };
  }

  @Test(dataProvider = "brokenTiktoken")
  public void refusesBrokenTiktokenFiles(String content, String expected) throws IOException {
    write("qwen.tiktoken", content);
    assertRefused(expected);
  }

  @Test
  public void saysWhatItLookedFor() throws IOException {
    assertRefused("looked for tokenizer.json, tokenizer.model, vocab.json");
    write("tokenizer.json", TOKENIZER);
    write("tokenizer_config.json", "{\"bos_token\": \"<bos>\"}");
    assertRefused("bos_token is '<bos>', which is not in the vocabulary");
    write("tokenizer_config.json", "[]");
    assertRefused("tokenizer_config.json: expected a JSON object");
    write("tokenizer_config.json", "{\"a\": ");
    assertRefused("tokenizer_config.json: not valid JSON");
    write("tokenizer_config.json", "{}");
    write("notes.txt", "");
    assertTrue(
        expectThrows(
                IllegalArgumentException.class,
                () -> TokenizerFiles.read(folder.resolve("notes.txt")))
            .getMessage()
            .contains("not a tokenizer file by its name"));
    expectThrows(NoSuchFileException.class, () -> TokenizerFiles.read(folder.resolve("none")));
  }

  private void assertRefused(String expected) {
    String message =
        expectThrows(IllegalArgumentException.class, () -> TokenizerFiles.read(folder))
            .getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.startsWith(folder.toString()), message);
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content);
  }

  private static byte[] piece(String text, float score, int type) {
    byte[] number = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(score).array();
    return field(
        1,
        join(
            field(1, text.getBytes(StandardCharsets.UTF_8)),
            new byte[] {(2 << 3) | 5},
            number,
            new byte[] {3 << 3, (byte) type}));
  }

  private static byte[] field(int number, byte[] content) {
    return join(new byte[] {(byte) ((number << 3) | 2), (byte) content.length}, content);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : new ArrayList<>(List.of(parts))) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
