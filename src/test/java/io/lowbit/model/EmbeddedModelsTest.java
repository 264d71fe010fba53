// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The models that ship inside the program. */
public class EmbeddedModelsTest {
  @DataProvider
  public Object[][] models() {
    return new Object[][] {
      {"demo-s", 377_000, 393_000, 2},
      {"demo-m", 984_192, 984_192, 4},
      {"demo-l", 2_754_816, 2_754_816, 4},
    };
  }

  @Test(dataProvider = "models")
  public void eachOpensByItsName(String name, long least, long most, int layers) {
    try (ModelSource source = ModelSource.open(name);
        Tokenizer tokenizer = source.tokenizer()) {
      assertEquals(source.name(), name);
      assertEquals(source.architecture().layers(), layers);
      assertTrue(
          source.bytes() / 2 >= least && source.bytes() / 2 <= most, name + ": " + source.bytes());
      String text = "Question: Where does Ada live?\nAnswer: Ünïcode 奶酪 1234";
      assertEquals(tokenizer.decode(tokenizer.encode(text, false)), text);
      assertEquals(source.stops().size(), 1);
    }
  }

  /** Logits that PyTorch computed from the same files: {@code src/tools/world/train.py logits}. */
  @Test
  public void logitsAreThoseOfPyTorch() throws IOException {
    List<String> lines;
    try (InputStream in = getClass().getResourceAsStream("demo-logits.jsonl")) {
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    assertEquals(lines.size(), EmbeddedModels.NAMES.size());
    for (String line : lines) {
      JsonObject expected = JsonParser.parseString(line).getAsJsonObject();
      String name = expected.get("model").getAsString();
      try (ModelSource source = ModelSource.open(name);
          Tokenizer tokenizer = source.tokenizer();
          Backend backend = new CpuBackend(DType.F32, 2);
          Model model = source.load(Scheme.parse("fp32"), backend, OnIndivisible.ERROR)) {
        int[] ids = tokenizer.encode("Question: Where does Ada live?\nAnswer:", true);
        assertEquals(JsonParser.parseString(Arrays.toString(ids)), expected.get("ids"), name);
        float[] logits = lastLogits(model.decoder(), ids);
        for (JsonElement one : expected.getAsJsonArray("largest")) {
          int id = one.getAsJsonObject().get("id").getAsInt();
          double logit = one.getAsJsonObject().get("logit").getAsDouble();
          assertEquals(logits[id], logit, 1e-3, name + " " + id);
        }
      }
    }
  }

  private static float[] lastLogits(Decoder decoder, int[] ids) {
    try (var cache = decoder.newCache();
        Pass pass = decoder.embed(Batch.of(cache, ids))) {
      for (int layer = 0; layer < decoder.architecture().layers(); layer++) {
        decoder.block(layer, pass);
      }
      decoder.finish(pass);
      try (Buffer logits = decoder.logits(pass)) {
        float[] last = new float[logits.columns()];
        logits.read(logits.rows() - 1, last, 0);
        return last;
      }
    }
  }

  /** Together they are the size of a photograph. */
  @Test
  public void allFitIntoTenMegabytes() throws IOException {
    long bytes = 0;
    for (String name : EmbeddedModels.NAMES) {
      try (var files = Files.list(EmbeddedModels.resolve(name))) {
        bytes += files.mapToLong(file -> file.toFile().length()).sum();
      }
    }
    assertTrue(bytes <= 10_000_000, bytes + " bytes");
  }

  @Test
  public void aDamagedCopyIsUnpackedAgain() throws IOException {
    Path config = EmbeddedModels.resolve("demo-s").resolve("config.json");
    byte[] right = Files.readAllBytes(config);
    Files.writeString(config, "{");
    assertEquals(
        Files.readAllBytes(EmbeddedModels.resolve("demo-s").resolve("config.json")), right);
  }

  @Test
  public void otherNamesAreLeftAlone() {
    for (String name : List.of("demo-x", "./demo-s", "models/demo-s", "a.gguf")) {
      assertEquals(EmbeddedModels.resolve(name), Path.of(name));
    }
  }
}
