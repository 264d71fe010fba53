// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Requests as ids, against what lm-evaluation-harness sent to the model. */
public class RequestEncodingTest {
  @DataProvider
  public Object[][] models() {
    return new Object[][] {
      {"stories260K", "models/stories260K-hf", 12_000},
      {"smollm2-135m", "models/SmolLM2-135M-Instruct.Q4_1.gguf", 3_000},
    };
  }

  @Test(dataProvider = "models")
  public void encodesAsTheHarness(String name, String source, int least) throws IOException {
    int requests = 0;
    try (Tokenizer tokenizer = TokenizerGoldenTest.open(Shared.path(source));
        Stream<Path> folder = Files.list(Shared.path("golden/lmeval"))) {
      for (Path file : folder.filter(f -> f.getFileName().toString().startsWith(name)).toList()) {
        if (file.toString().contains("shot.")) {
          requests += check(tokenizer, file);
        }
      }
    }
    assertTrue(requests >= least, "requests " + requests);
  }

  private static int check(Tokenizer tokenizer, Path file) throws IOException {
    int requests = 0;
    for (JsonObject row : rows(file)) {
      String place = file.getFileName() + " " + row.get("doc_id");
      if (!row.has("continuations")) {
        continue;
      }
      JsonArray continuations = row.getAsJsonArray("continuations");
      for (int i = 0; i < continuations.size(); i++) {
        RequestEncoding encoded =
            RequestEncoding.of(
                tokenizer, row.get("context").getAsString(), continuations.get(i).getAsString());
        assertEquals(encoded.context().length, row.get("context_tokens").getAsInt(), place);
        assertEquals(
            encoded.continuation(),
            TokenizerGoldenTest.ints(row.getAsJsonArray("continuation_tokens").get(i)),
            place);
        requests++;
      }
    }
    return requests;
  }

  private static List<JsonObject> rows(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }
  }

  @Test
  public void movesWhiteSpaceToTheContinuation() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(true)) {
      RequestEncoding encoded = RequestEncoding.of(tokenizer, "ab \u00a0\u001c", "c");
      assertEquals(tokenizer.decodeSkippingSpecial(encoded.context()), "ab");
      assertEquals(tokenizer.decode(encoded.continuation()), " \u00a0\u001cc");
      assertEquals(encoded.context()[0], tokenizer.bos().getAsInt());
    }
  }

  @Test
  public void cutsByCountWherePiecesMergeAcrossTheBorder() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
      // "a" is one id; the joint encoding is the one piece "ab", so nothing is left.
      assertEquals(RequestEncoding.of(tokenizer, "a", "b").continuation(), new int[0]);
      assertEquals(RequestEncoding.of(tokenizer, "b", "a").continuation().length, 1);
    }
  }

  @Test
  public void standsBosInForAnEmptyContext() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(true)) {
      int bos = tokenizer.bos().getAsInt();
      for (String continuation : List.of("ab", "<s>ab")) {
        RequestEncoding encoded = RequestEncoding.of(tokenizer, "", continuation);
        assertEquals(encoded.context(), new int[] {bos});
        assertEquals(tokenizer.decode(encoded.continuation()), "ab");
      }
    }
  }

  @Test
  public void addsNoSecondBos() {
    try (Tokenizer tokenizer = TinyTokenizers.byteLevel(true)) {
      int[] once = RequestEncoding.text(tokenizer, "ab");
      assertEquals(RequestEncoding.text(tokenizer, "<s>ab"), once);
      assertEquals(once.length, 2);
    }
  }

  @Test
  public void refusesAnEmptyContextWithoutBosAndEos() {
    try (Tokenizer tokenizer = TinyTokenizers.withoutSpecials()) {
      assertThrows(IllegalArgumentException.class, () -> RequestEncoding.of(tokenizer, "", "ab"));
    }
  }
}
