// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.KvCache;
import io.lowbit.engine.Generator.Answer;
import io.lowbit.engine.Generator.Prompt;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.model.Batch;
import io.lowbit.model.Pass;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import io.lowbit.text.RequestEncoding;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Greedy continuations of reference implementations, and what may not change them. */
public class GoldenGenerationTest {
  private static final List<String> TEXTS =
      List.of(
          "Once upon a time, there was a little girl named Lily. She",
          "The",
          "Tom and Sam were playing in the park. They saw a big red ball and they",
          "One day a dog");

  @DataProvider
  public Object[][] families() {
    return Stream.of(
            "llama2-mha",
            "llama2-gqa",
            "mistral-v2",
            "mistral-window",
            "llama-linear-rope",
            "llama-bias-headdim",
            "head128-llama",
            "head128-mistral-window")
        .map(family -> new Object[] {family})
        .toArray(Object[][]::new);
  }

  @Test(dataProvider = "families")
  public void continuesAsUpstream(String family) {
    Path file = Shared.path("golden/families/" + family + "/golden.safetensors");
    try (Checkpoint golden = Checkpoints.open(file);
        GoldenModel model = GoldenModel.open("golden/families/" + family, "fp32", 0)) {
      int[] expected = ids(golden.tensor("greedy.1"));
      Prompt prompt = new Prompt(ids(golden.tensor("ids.1")), List.of(), expected.length);
      Answer answer =
          new Generator(model.decoder(), new Numerals(), Set.of())
              .generate(List.of(prompt))
              .getFirst();
      assertEquals(answer.ids(), expected);
      assertEquals(answer.stoppedBy(), "length");
    }
  }

  /** A stop string may span tokens; a stop token is no part of the answer. */
  @Test
  public void endsWhereItIsTold() {
    String family = "golden/families/llama2-gqa";
    try (Checkpoint golden = Checkpoints.open(Shared.path(family + "/golden.safetensors"));
        GoldenModel model = GoldenModel.open(family, "fp32", 0)) {
      int[] prompt = ids(golden.tensor("ids.1"));
      int[] expected = ids(golden.tensor("greedy.1"));
      Numerals numerals = new Numerals();
      String stop = numerals.decode(Arrays.copyOfRange(expected, 2, 4)).strip() + " ";
      Answer byText = one(model, Set.of(), new Prompt(prompt, List.of("x", stop), expected.length));
      assertEquals(byText.stoppedBy(), stop);
      assertEquals(byText.ids(), Arrays.copyOf(expected, 4));
      assertEquals(byText.text(), numerals.decode(Arrays.copyOf(expected, 2)));

      int first = 0;
      while (expected[first] != expected[3]) {
        first++;
      }
      Answer byToken =
          one(model, Set.of(expected[3]), new Prompt(prompt, List.of(), expected.length));
      assertEquals(byToken.stoppedBy(), "eos");
      assertEquals(byToken.ids(), Arrays.copyOf(expected, first));

      assertEquals(one(model, Set.of(), new Prompt(prompt, List.of(), 0)).ids(), new int[0]);
    }
  }

  private static Answer one(GoldenModel model, Set<Integer> stops, Prompt prompt) {
    return new Generator(model.decoder(), new Numerals(), stops)
        .generate(List.of(prompt))
        .getFirst();
  }

  @DataProvider
  public Object[][] schemes() {
    List<Object[]> cases = new ArrayList<>();
    for (String model : List.of("stories260K", "golden/families/llama2-gqa")) {
      for (String scheme :
          List.of("fp32", "fp32+w4g32", "fp32+kv4", "fp32+w8a8", "bf16", "fp16", "bf16+kv8")) {
        cases.add(new Object[] {model, scheme});
      }
    }
    return cases.toArray(Object[][]::new);
  }

  /** Logits of one pass over a text and of reading it token by token. */
  @Test(dataProvider = "schemes")
  public void aCacheChangesNoBit(String name, String scheme) {
    try (GoldenModel model = GoldenModel.open(name, scheme, 0)) {
      int vocabulary = model.decoder().architecture().vocabulary();
      int[] ids = new int[40];
      Arrays.setAll(ids, i -> 3 + i * 7919 % (vocabulary - 3));
      float[] whole = Trace.of(model.decoder(), ids, false).logits().toFloats();
      float[] row = new float[vocabulary];
      try (KvCache cache = model.decoder().newCache()) {
        for (int i = 0; i < ids.length; i++) {
          try (Pass pass = model.decoder().forward(Batch.of(cache, new int[] {ids[i]}));
              Buffer logits = model.decoder().logits(pass)) {
            logits.read(0, row, 0);
          }
          assertEquals(
              row,
              Arrays.copyOfRange(whole, i * vocabulary, (i + 1) * vocabulary),
              "position " + i);
        }
      }
    }
  }

  @Test(dataProvider = "storiesSchemes")
  public void aBatchAnswersAsOneByOne(String scheme) {
    try (GoldenModel model = GoldenModel.open("stories260K", scheme, 0);
        Tokenizer tokenizer = model.tokenizer()) {
      Generator generator = new Generator(model.decoder(), tokenizer, model.source().stops());
      List<Prompt> prompts = new ArrayList<>();
      for (int i = 0; i < TEXTS.size(); i++) {
        int[] ids = RequestEncoding.text(tokenizer, TEXTS.get(i));
        prompts.add(new Prompt(ids, i == 2 ? List.of(".") : List.of("\n"), 24 + 8 * i));
      }
      List<Answer> together = generator.generate(prompts);
      for (int i = 0; i < prompts.size(); i++) {
        Answer alone = generator.generate(List.of(prompts.get(i))).getFirst();
        assertEquals(together.get(i).ids(), alone.ids(), scheme);
        assertEquals(together.get(i).text(), alone.text(), scheme);
        assertEquals(together.get(i).stoppedBy(), alone.stoppedBy(), scheme);
        assertTextOfIds(alone, tokenizer);
      }
    }
  }

  /** The text is that of all ids at once, cut at the stop string. */
  private static void assertTextOfIds(Answer answer, Tokenizer tokenizer) {
    String whole = tokenizer.decodeSkippingSpecial(answer.ids());
    int stop = whole.indexOf(answer.stoppedBy());
    assertEquals(answer.text(), stop < 0 ? whole : whole.substring(0, stop));
  }

  @DataProvider
  public Object[][] storiesSchemes() {
    return new Object[][] {{"fp32"}, {"fp32+w4+kv4"}, {"fp32+w8a8"}, {"bf16"}, {"fp16"}};
  }

  @DataProvider
  public Object[][] ggufModels() {
    List<Object[]> cases = new ArrayList<>();
    for (String type : List.of("F32", "F16", "Q8_0", "Q4_0", "Q4_K_M")) {
      cases.add(new Object[] {type, "fp32"});
      if (type.startsWith("Q")) {
        cases.add(new Object[] {type, "stored"});
      }
    }
    return cases.toArray(Object[][]::new);
  }

  @Test(dataProvider = "ggufModels")
  public void ggufModelsAgreeWithUpstream(String type, String scheme) throws IOException {
    String folder = "golden/formats/gguf/models/";
    String name = "model-" + type + ".gguf";
    JsonObject index =
        JsonParser.parseString(Files.readString(Shared.path(folder + "index.json")))
            .getAsJsonObject();
    double largest = index.getAsJsonObject(name).get("logits_max_abs").getAsDouble();
    Path file = Shared.path(folder + "model-" + type + ".logits.safetensors");
    try (Checkpoint golden = Checkpoints.open(file);
        GoldenModel model = GoldenModel.open(folder + name, scheme, 0)) {
      float[] expected = golden.tensor("logits").toFloats();
      float[] ours =
          Trace.of(model.decoder(), ids(golden.tensor("input_ids")), false).logits().toFloats();
      assertEquals(ours.length, expected.length);
      float worst = 0;
      for (int i = 0; i < ours.length; i++) {
        worst = Math.max(worst, Math.abs(ours[i] - expected[i]));
      }
      assertTrue(worst <= 2e-5 * largest, "largest difference " + worst + " of " + largest);
    }
  }

  private static int[] ids(Tensor tensor) {
    int[] ids = new int[(int) tensor.shape().elements()];
    Arrays.setAll(ids, i -> (int) tensor.get(i));
    return ids;
  }

  /** Writes ids as numbers; the synthetic models have no tokenizer. */
  private static final class Numerals implements Tokenizer {
    @Override
    public int[] encode(String text, boolean addSpecial) {
      return encodeSpecialAsText(text);
    }

    @Override
    public int[] encodeSpecialAsText(String text) {
      return Arrays.stream(text.strip().split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    @Override
    public String decode(int[] ids) {
      return Arrays.stream(ids).mapToObj(this::piece).collect(Collectors.joining());
    }

    @Override
    public String decodeSkippingSpecial(int[] ids) {
      return decode(ids);
    }

    @Override
    public int vocabularySize() {
      return Integer.MAX_VALUE;
    }

    @Override
    public OptionalInt bos() {
      return OptionalInt.empty();
    }

    @Override
    public OptionalInt eos() {
      return OptionalInt.empty();
    }

    @Override
    public String piece(int id) {
      return id + " ";
    }

    @Override
    public void close() {}
  }
}
