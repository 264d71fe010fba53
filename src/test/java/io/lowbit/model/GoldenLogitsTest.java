// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Buffer;
import io.lowbit.backend.cpu.CpuBackend;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.nio.file.Path;
import java.util.Arrays;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Logits, hidden states and greedy continuations of reference implementations, in fp32. */
public class GoldenLogitsTest {
  @DataProvider
  public Object[][] families() {
    return new Object[][] {
      {"llama2-mha"},
      {"llama2-gqa"},
      {"mistral-v2"},
      {"mistral-window"},
      {"llama-linear-rope"},
      {"llama-bias-headdim"},
      {"head128-llama"},
      {"head128-mistral-window"}
    };
  }

  @Test(dataProvider = "families")
  public void familyAgreesWithUpstream(String family) {
    Path folder = Shared.path("golden/families/" + family);
    try (Checkpoint golden = Checkpoints.open(folder.resolve("golden.safetensors"));
        Backend backend = new CpuBackend(DType.F32, 2);
        ModelSource source = ModelSource.open(folder.toString());
        Model model = source.load(Scheme.parse("fp32"), backend, OnIndivisible.ERROR)) {
      for (int prompt = 0; prompt < 3; prompt++) {
        int[] ids = ids(golden.tensor("ids." + prompt));
        assertClose(
            logits(model, ids),
            golden.tensor("logits." + prompt),
            1e-3f,
            family + " prompt " + prompt);
      }
      hiddenStatesAgree(model, golden);
      assertEquals(
          greedy(
              model,
              ids(golden.tensor("ids.1")),
              (int) golden.tensor("greedy.1").shape().elements()),
          ids(golden.tensor("greedy.1")));
    }
  }

  private static void hiddenStatesAgree(Model model, Checkpoint golden) {
    int layers = model.architecture().layers();
    Decoder decoder = model.decoder();
    try (var cache = decoder.newCache();
        Pass pass = decoder.embed(Batch.of(cache, ids(golden.tensor("ids.1"))))) {
      assertClose(pass.hidden(), golden.tensor("hidden.1.0"), 1e-3f, "embedding");
      for (int layer = 0; layer < layers; layer++) {
        decoder.block(layer, pass);
        if (layer < layers - 1) {
          assertClose(
              pass.hidden(), golden.tensor("hidden.1." + (layer + 1)), 1e-3f, "layer " + layer);
        }
      }
      assertClose(decoder.finish(pass), golden.tensor("hidden.1." + layers), 1e-3f, "final norm");
    }
  }

  @Test(dataProvider = "texts")
  public void realModelsAgreeWithUpstream(String model, String file, String text, float tolerance) {
    Path path = Shared.path("models/" + model);
    try (Checkpoint golden =
            Checkpoints.open(Shared.path("golden/logits/%s.%s.safetensors".formatted(file, text)));
        Backend backend = new CpuBackend(DType.F32, 2);
        ModelSource source = ModelSource.open(path.toString());
        Model loaded = source.load(Scheme.parse("fp32"), backend, OnIndivisible.ERROR)) {
      int[] ids = ids(golden.tensor("ids"));
      float[][] logits = logits(loaded, ids);
      boolean everyRow = golden.contains("logits");
      assertClose(
          everyRow ? logits : Arrays.copyOfRange(logits, ids.length - 8, ids.length),
          golden.tensor(everyRow ? "logits" : "logits_last8"),
          tolerance,
          text);
      targetsAgree(loaded, ids, golden);
    }
  }

  @DataProvider
  public Object[][] texts() {
    Object[][] cases = new Object[6][];
    String[] texts = {"prose", "code", "multilingual"};
    for (int i = 0; i < 3; i++) {
      cases[i] = new Object[] {"stories260K-hf", "stories260K", texts[i], 2e-4f};
      cases[i + 3] =
          new Object[] {"SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2-135m", texts[i], 1e-3f};
    }
    return cases;
  }

  private static void targetsAgree(Model model, int[] ids, Checkpoint golden) {
    Decoder decoder = model.decoder();
    try (var cache = decoder.newCache();
        Pass pass = decoder.forward(Batch.of(cache, ids))) {
      int[] rows = new int[ids.length - 1];
      Arrays.setAll(rows, i -> i);
      var scores = decoder.logProbs(pass, rows, Arrays.copyOfRange(ids, 1, ids.length));
      float[] expected = golden.tensor("next_logprob").toFloats();
      int[] argMax = ids(golden.tensor("argmax"));
      int[] ours = decoder.argMax(pass, rows);
      for (int i = 0; i < rows.length; i++) {
        assertEquals(scores.logProbability()[i], expected[i], 1e-4, "log-probability at " + i);
        assertEquals(ours[i], argMax[i], "arg-max at " + i);
        assertEquals(scores.rank()[i] == 0, ids[i + 1] == argMax[i], "rank at " + i);
      }
    }
  }

  static int[] greedy(Model model, int[] prompt, int steps) {
    Decoder decoder = model.decoder();
    int[] answer = new int[steps];
    try (var cache = decoder.newCache()) {
      int[] next = prompt;
      for (int i = 0; i < steps; i++) {
        try (Pass pass = decoder.forward(Batch.of(cache, next))) {
          answer[i] = decoder.argMax(pass, new int[] {next.length - 1})[0];
        }
        next = new int[] {answer[i]};
      }
    }
    return answer;
  }

  private static float[][] logits(Model model, int[] ids) {
    Decoder decoder = model.decoder();
    try (var cache = decoder.newCache();
        Pass pass = decoder.forward(Batch.of(cache, ids));
        Buffer logits = decoder.logits(pass)) {
      return rows(logits);
    }
  }

  private static float[][] rows(Buffer buffer) {
    float[][] rows = new float[buffer.rows()][buffer.columns()];
    for (int i = 0; i < rows.length; i++) {
      buffer.read(i, rows[i], 0);
    }
    return rows;
  }

  private static void assertClose(Buffer actual, Tensor expected, float tolerance, String what) {
    assertClose(rows(actual), expected, tolerance, what);
  }

  private static void assertClose(float[][] actual, Tensor expected, float tolerance, String what) {
    assertEquals(actual.length, expected.shape().rows(), what + ": rows");
    float[] row = new float[(int) expected.shape().columns()];
    float worst = 0;
    for (int i = 0; i < actual.length; i++) {
      expected.read((long) i * row.length, row, 0, row.length);
      for (int j = 0; j < row.length; j++) {
        worst = Math.max(worst, Math.abs(actual[i][j] - row[j]));
      }
    }
    assertTrue(worst <= tolerance, "%s: largest difference %g".formatted(what, worst));
  }

  private static int[] ids(Tensor tensor) {
    int[] ids = new int[(int) tensor.shape().elements()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) tensor.get(i);
    }
    return ids;
  }
}
