// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertTrue;

import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Mutations of real files are read or refused with a sentence; the process survives them all. */
public class TokenizerFuzzTest {
  private static final String[] VALUES = {
    "null",
    "true",
    "-1",
    "99999999999",
    "1e999",
    "\"\"",
    "\"(\"",
    "[]",
    "{}",
    "\"ByteLevel\"",
    "\"Unigram\"",
    "\"WordPiece\"",
    "\"Regex\"",
    "\"\\ud800\"",
    "4294967296",
    "\"Precompiled\"",
  };

  @DataProvider
  public Object[][] files() {
    return new Object[][] {{"tokenizer.json", 12_000}, {"tokenizer.model", 12_000}};
  }

  @Test(groups = "long", dataProvider = "files")
  public void survivesMutations(String name, int cases) throws IOException {
    byte[] original = Files.readAllBytes(Shared.path("models/stories260K-hf/" + name));
    Path folder = Files.createTempDirectory("fuzz");
    Path file = folder.resolve(name);
    int refused = 0;
    try {
      for (int i = 0; i < cases; i++) {
        Files.write(file, mutate(original, new Random(i), name.endsWith(".json")));
        try (Tokenizer tokenizer = Tokenizers.open(TokenizerFiles.read(file))) {
          int[] ids = tokenizer.encode("Hello <s> w\u00f6rld\n \u4f60 the cat", true);
          assertTrue(tokenizer.decode(ids).length() < 1000);
          tokenizer.decodeSkippingSpecial(new int[] {1, 5, 300, 511, 100_000});
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().length() > 20, "case " + i + ": " + e.getMessage());
          refused++;
        } catch (CharacterCodingException e) {
          refused++; // the file is no longer UTF-8
        }
      }
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
    assertTrue(refused > cases / 20 && refused < cases, "refused " + refused);
  }

  private static byte[] mutate(byte[] original, Random random, boolean json) {
    byte[] bytes = original.clone();
    for (int change = 1 + random.nextInt(3); change > 0; change--) {
      // The vocabulary is most of the file; what stands before and after it deserves its share.
      int place =
          switch (random.nextInt(3)) {
            case 0 -> random.nextInt(Math.min(2500, bytes.length));
            case 1 -> random.nextInt(bytes.length);
            default -> Math.max(0, bytes.length - 1 - random.nextInt(3500));
          };
      bytes =
          switch (random.nextInt(json ? 4 : 3)) {
            case 0 -> {
              bytes[place] = (byte) random.nextInt(json ? 127 : 256);
              yield bytes;
            }
            case 1 -> splice(bytes, place, place + random.nextInt(40), new byte[0]);
            case 2 ->
                splice(
                    bytes,
                    place,
                    place,
                    Arrays.copyOfRange(
                        bytes, place, Math.min(bytes.length, place + random.nextInt(60))));
            default -> replaceValue(bytes, place, VALUES[random.nextInt(VALUES.length)]);
          };
    }
    return bytes;
  }

  private static byte[] replaceValue(byte[] bytes, int place, String value) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int colon = text.indexOf(':', place);
    if (colon < 0) {
      return bytes;
    }
    int end = colon + 1;
    while (end < text.length() && ",}]".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return splice(bytes, colon + 1, end, value.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] insert) {
    int end = Math.min(to, bytes.length);
    byte[] result = Arrays.copyOf(bytes, bytes.length - (end - from) + insert.length);
    System.arraycopy(insert, 0, result, from, insert.length);
    System.arraycopy(bytes, end, result, from + insert.length, bytes.length - end);
    return result;
  }
}
