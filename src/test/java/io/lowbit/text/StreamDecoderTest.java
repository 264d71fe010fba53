// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.testng.annotations.Test;

/** Text as it comes equals text at once. */
public class StreamDecoderTest {
  @Test
  public void waitsForWholeCharacters() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      // "é" in two bytes, "a", then a byte that begins a character and none that ends it.
      assertEquals(
          pieces(tokenizer, false, 0xc3, 0xa9, 'a', 0xe2, 257),
          List.of("", "\u00e9", "a", "", "\ufffdabc", ""));
      assertEquals(pieces(tokenizer, false, 'a', 0xe2), List.of("a", "", "\ufffd"));
      assertEquals(pieces(tokenizer, true, 'a', 258, 'b'), List.of("a", "", "b", ""));
    }
  }

  @Test
  public void waitsForTheEndOfARunOfBytes() {
    try (Tokenizer tokenizer =
        Tokenizers.open(GgmlVocabulary.from(TinyTokenizers.sentencePieceMetadata()))) {
      int[] accent = {3 + 0xc3, 3 + 0xa9};
      assertEquals(
          pieces(tokenizer, false, 265, accent[0], accent[1], 264),
          List.of("a", "", "", "\u00e9bc", ""));
      // One invalid byte makes the whole run invalid, also what looked complete.
      assertEquals(
          pieces(tokenizer, false, 265, accent[0], accent[1], 3 + 0xff, 264),
          List.of("a", "", "", "", "\ufffd\ufffd\ufffdbc", ""));
      // Only the first space of a text is dropped.
      assertEquals(
          pieces(tokenizer, false, 259, 265, 259, 259, 265), List.of("", " a", " ", " ", " a", ""));
    }
  }

  @Test
  public void agreesWithDecodingAtOnceOnRandomIds() {
    Random random = new Random(7);
    try (Tokenizer bytes = TinyTokenizers.byteLevel(false);
        Tokenizer pieces =
            Tokenizers.open(GgmlVocabulary.from(TinyTokenizers.sentencePieceMetadata()))) {
      for (int round = 0; round < 3000; round++) {
        Tokenizer tokenizer = round % 2 == 0 ? bytes : pieces;
        int size = tokenizer.vocabularySize();
        int[] ids =
            random
                .ints(random.nextInt(1, 24))
                // Half of them from the end of the vocabulary, where the special tokens are.
                .map(i -> (i & 1) == 0 ? Math.floorMod(i, size) : size - 1 - Math.floorMod(i, 9))
                .map(id -> random.nextInt(5) == 0 ? random.nextInt(3) : id)
                .toArray();
        String shown = round + ": " + Arrays.toString(ids);
        assertEquals(String.join("", pieces(tokenizer, false, ids)), tokenizer.decode(ids), shown);
        assertEquals(
            String.join("", pieces(tokenizer, true, ids)),
            tokenizer.decodeSkippingSpecial(ids),
            shown);
      }
    }
  }

  private static List<String> pieces(Tokenizer tokenizer, boolean skipSpecial, int... ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, skipSpecial);
    List<String> pieces = new ArrayList<>();
    for (int id : ids) {
      pieces.add(decoder.next(id));
    }
    pieces.add(decoder.finish());
    return pieces;
  }
}
