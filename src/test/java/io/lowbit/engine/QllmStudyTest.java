// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Every scheme of qllm-eval's studies on two real models, against its own quantizer. */
public class QllmStudyTest {
  @DataProvider
  public Object[][] stories() throws IOException {
    return schemes("stories260K", "stories260K-hf");
  }

  @DataProvider
  public Object[][] smollm() throws IOException {
    return schemes("SmolLM2-135M-Instruct.Q4_1", "SmolLM2-135M-Instruct.Q4_1.gguf");
  }

  @Test(dataProvider = "stories")
  public void storiesAgrees(Case study) {
    assertPerplexity(study, score(study), study.golden() > 100 ? 0.03 : 0.01);
  }

  /**
   * Here one activation or cache value that falls on the other side of a tie changes everything
   * after it. The reference's own arithmetic, run again with other kernels, an equivalent order of
   * the hidden width or one ulp more in the embedding, leaves its golden by −0.6 to +24 % for
   * w4g64a4 (17 runs, standard deviation 8 %), −1.1 to +1.0 % for w4g64+k4v4 (12 runs) and −0.1 to
   * +1.0 % for w8a8 (4 runs), while each block given the same input agrees to a median of 1e-7 and
   * rounds as often otherwise as two runs of the reference do. So the band is wide, and the first
   * tokens, which see few roundings, are compared one by one. (Not with 8-bit caches: their grid is
   * so fine that the third token already meets a tie.)
   */
  @Test(dataProvider = "smollm", groups = "long")
  public void smollmAgrees(Case study) {
    List<SequenceScore> scores = score(study);
    assertPerplexity(study, scores, study.golden() > 100 ? 0.2 : 0.02);
    boolean fineCache = study.scheme.contains("+k8v8");
    if ((study.roundsCaches() && !fineCache) || study.scheme.startsWith("fp32+w4g64a4")) {
      double[] ours = scores.getFirst().logProbability();
      Tensor golden = study.firstWindow();
      for (int i = 0; i < 20; i++) {
        assertEquals(-ours[i], golden.get(i), 1e-3, study + " token " + i);
      }
    }
  }

  /** One scheme: its text form and what the reference got. */
  record Case(
      String study,
      int index,
      String model,
      String scheme,
      List<int[]> windows,
      JsonObject expected) {
    double golden() {
      return expected.get("perplexity").getAsDouble();
    }

    boolean roundsCaches() {
      return expected.has("k") || expected.has("v");
    }

    /** The reference's negative log-likelihood of each token of the first window. */
    Tensor firstWindow() {
      try (Checkpoint file =
          Checkpoints.open(Shared.path("golden/qllm/" + study + ".safetensors"))) {
        return Tensor.of(
            file.tensor("token_nll_window0." + index).toFloats(), 1, windows.getFirst().length - 1);
      }
    }

    @Override
    public String toString() {
      return model + " " + scheme;
    }
  }

  private static Object[][] schemes(String study, String model) throws IOException {
    var file = Shared.path("golden/qllm/" + study + ".json");
    JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    List<int[]> windows = new ArrayList<>();
    for (JsonElement window : json.getAsJsonArray("windows")) {
      windows.add(
          window.getAsJsonArray().asList().stream().mapToInt(JsonElement::getAsInt).toArray());
    }
    JsonArray schemes = json.getAsJsonArray("schemes");
    Object[][] cases = new Object[schemes.size()][];
    for (int i = 0; i < cases.length; i++) {
      JsonObject scheme = schemes.get(i).getAsJsonObject();
      cases[i] = new Object[] {new Case(study, i, model, text(scheme), windows, scheme)};
    }
    return cases;
  }

  private static String text(JsonObject s) {
    boolean exact = s.has("mode") && s.get("mode").getAsString().equals("exact");
    String option = exact ? "-s32" : "";
    StringBuilder text = new StringBuilder("fp32");
    if (s.has("w")) {
      text.append("+w").append(s.get("w").getAsInt());
      text.append(s.has("group") ? "g" + s.get("group").getAsInt() : "");
      text.append(s.has("a") ? "a" + s.get("a").getAsInt() : "").append(option);
    }
    if (s.has("k") || s.has("v")) {
      text.append("+k").append(s.has("k") ? s.get("k").getAsInt() : 16);
      text.append("v").append(s.has("v") ? s.get("v").getAsInt() : 16);
      text.append(s.has("kv_group") ? "g" + s.get("kv_group").getAsInt() : "").append(option);
    }
    boolean low = text.length() > "fp32".length();
    return text.append(low && !exact ? "+compat" : "").toString();
  }

  private static List<SequenceScore> score(Case study) {
    Session.Options options =
        new Session.Options(Optional.of(Scheme.parse(study.scheme)), "cpu", 0, OnIndivisible.ERROR);
    try (ModelSource source = ModelSource.open(Shared.path("models/" + study.model).toString());
        Session session = Session.load(source, options)) {
      return new Scorer(session.model().decoder(), 1024)
          .score(study.windows.stream().map(ids -> new Request.Tokens(ids, 1)).toList());
    }
  }

  private static void assertPerplexity(Case study, List<SequenceScore> scores, double band) {
    JsonArray expected = study.expected.getAsJsonArray("nll_per_window");
    boolean rounding = study.expected.has("a") || study.roundsCaches();
    if (!rounding) {
      IntStream.range(0, scores.size())
          .forEach(i -> {
            double nll = expected.get(i).getAsDouble();
            assertEquals(-scores.get(i).logLikelihood(), nll, 1e-4 * nll, "window " + i);
          });
    }
    double nll = scores.stream().mapToDouble(s -> -s.logLikelihood()).sum();
    long tokens = study.windows.stream().mapToLong(ids -> ids.length - 1).sum();
    double perplexity = Math.exp(nll / tokens);
    double golden = study.golden();
    assertTrue(
        Math.abs(perplexity / golden - 1) <= band,
        "%s: perplexity %.5f, expected %.5f".formatted(study, perplexity, golden));
  }
}
