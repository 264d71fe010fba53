// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.text.Request;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class PerplexityTaskTest {
  /** One id per UTF-16 unit; BOS is 1. */
  private record CharacterTokenizer(boolean addsBos) implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecial) {
      int[] ids = text.chars().toArray();
      if (!addSpecial || !addsBos) {
        return ids;
      }
      int[] withBos = new int[ids.length + 1];
      withBos[0] = 1;
      System.arraycopy(ids, 0, withBos, 1, ids.length);
      return withBos;
    }

    @Override
    public int[] encodeSpecialAsText(String text) {
      return encode(text, false);
    }

    @Override
    public String decode(int[] ids) {
      return new String(ids, 0, ids.length);
    }

    @Override
    public String decodeSkippingSpecial(int[] ids) {
      return decode(Arrays.stream(ids).filter(id -> id != 1).toArray());
    }

    @Override
    public int vocabularySize() {
      return 1 << 16;
    }

    @Override
    public OptionalInt bos() {
      return OptionalInt.of(1);
    }

    @Override
    public OptionalInt eos() {
      return OptionalInt.empty();
    }

    @Override
    public String piece(int id) {
      return Character.toString(id);
    }

    @Override
    public void close() {}
  }

  @DataProvider
  public Object[][] windows() {
    return new Object[][] {
      {"gptq-4", true, "\u0001abc|d\nef"},
      {"gptq-4", false, "abcd|\nefg"},
      {"gptqjoin-4", false, "abcd|\n\n\ne"},
      {"llama.cpp-4", true, "\u0001abc|\u0001\nef"},
      {"llama.cpp-4", false, "abcd|\nefg"},
      {"strided-6-3", false, "abcd\ne|d\nefg"},
    };
  }

  @Test(dataProvider = "windows")
  public void windowsOfAText(String protocol, boolean addsBos, String expected) throws IOException {
    Path file = Files.createTempFile("text", ".txt");
    try {
      Files.writeString(file, "abcd\nefg");
      Task task =
          Task.load(
              TaskDefinition.ofText(file, PerplexityProtocol.parse(protocol)),
              new DataRoot(Path.of(""), false),
              TaskOptions.DEFAULT);
      Tokenizer tokenizer = new CharacterTokenizer(addsBos);
      List<String> texts =
          task.items(tokenizer).stream()
              .map(item -> tokenizer.decode(((Request.Tokens) item.requests().getFirst()).ids()))
              .toList();
      assertEquals(String.join("|", texts), expected);
      assertTrue(task.protocol().startsWith(protocol + "; "), task.protocol());
    } finally {
      Files.delete(file);
    }
  }

  @Test
  public void namesOfProtocolsParseAndPrint() {
    for (String name :
        List.of(
            "gptq-2048",
            "gptqjoin-512",
            "llama.cpp-512",
            "strided-1024-512",
            "lm-eval-word",
            "lm-eval-byte",
            "lm-eval-bits")) {
      assertEquals(PerplexityProtocol.parse(name).name(), name);
    }
    for (String wrong : List.of("gptq", "gptq-0", "gptq-3", "strided-4-5", "lm-eval", "GPTQ-512")) {
      expectThrows(IllegalArgumentException.class, () -> PerplexityProtocol.parse(wrong));
    }
  }

  /** Golden of scoring.md 3.4. */
  @Test
  public void wikitextPageOfTheReference() {
    String page =
        " \n = Robert <unk> = \n \n The s ' 1 @,@ 234 km ( 5 @.@ 6 mi ) \" q \" , a @-@ b ; c . D 's"
            + " N x . \n";
    assertEquals(
        WikiText.detokenize(page),
        "\n= Robert <unk> =\n\nThe s'1,234 km (5.6 mi) \"q\", a-b; c. D's 1 x.\n");
    assertEquals(PythonText.words(page), 34);
  }

  @Test
  public void pagesAreCutAtLevelOneHeadings() {
    assertEquals(
        WikiText.pages(" \n = A = \n \n text \n = = B = = \n more \n \n = C = \n end \n"),
        List.of(" = A = \n \n text \n = = B = = \n more \n ", " = C = \n end "));
    assertEquals(WikiText.pages("no heading"), List.of("no heading"));
  }

  /** Two documents of 10 and 30 bytes and 2 and 4 words, 20 nats in all. */
  @Test
  public void aggregates() {
    List<Map<String, Double>> items =
        List.of(
            Map.of("nll", 5.0, "tokens", 4.0, "words", 2.0, "bytes", 10.0),
            Map.of("nll", 15.0, "tokens", 6.0, "words", 4.0, "bytes", 30.0));
    assertEquals(value(Aggregation.TOKEN_PERPLEXITY, items), Math.exp(2), 1e-12);
    assertEquals(value(Aggregation.WORD_PERPLEXITY, items), Math.exp(20.0 / 6), 1e-12);
    assertEquals(value(Aggregation.BYTE_PERPLEXITY, items), Math.exp(0.5), 1e-12);
    assertEquals(value(Aggregation.BITS_PER_BYTE, items), 0.5 / Math.log(2), 1e-12);
    TaskMetric words = new TaskMetric("", Aggregation.WORD_PERPLEXITY, false, Double.NaN);
    assertEquals(Aggregates.standardError(words, items), OptionalDouble.empty());
  }

  private static double value(Aggregation aggregation, List<Map<String, Double>> items) {
    return Aggregates.value(new TaskMetric("", aggregation, false, Double.NaN), items);
  }
}
