// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.engine.GoldenModel;
import io.lowbit.engine.Scorer;
import io.lowbit.engine.SequenceScore;
import io.lowbit.task.DataRoot;
import io.lowbit.task.PerplexityProtocol;
import io.lowbit.task.Task;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskItem;
import io.lowbit.task.TaskOptions;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Perplexities of running text, window by window, against an fp32 reference. */
public class GoldenPerplexityTest {
  /**
   * One protocol on one text.
   *
   * @param task the catalogue's name of the text
   * @param windows most windows that are scored
   */
  record Run(String model, String task, String golden, JsonObject expected, int windows) {
    String protocol() {
      return expected.get("protocol").getAsString().replace("llamacpp", "llama.cpp")
          + "-"
          + expected.get("window").getAsInt();
    }

    @Override
    public String toString() {
      return model + " " + golden + " " + protocol();
    }
  }

  private static List<Run> runs(String model, String task, String golden, int windows)
      throws IOException {
    String file = "golden/llamacpp/%s.%s.fp32.json".formatted(model, golden);
    List<Run> runs = new ArrayList<>();
    for (JsonElement run :
        JsonParser.parseString(Files.readString(Shared.path(file)))
            .getAsJsonObject()
            .getAsJsonArray("runs")) {
      runs.add(new Run(model, task, golden, run.getAsJsonObject(), windows));
    }
    return runs;
  }

  private static List<Run> stories(int windows) throws IOException {
    List<Run> runs = new ArrayList<>(runs("stories260K", "tinystories", "tinystories", windows));
    runs.addAll(runs("stories260K", "wikitext", "wikitext2-valid", windows));
    return runs;
  }

  @DataProvider
  public Object[][] some() throws IOException {
    return stories(6).stream().map(run -> new Object[] {run}).toArray(Object[][]::new);
  }

  @DataProvider
  public Object[][] all() throws IOException {
    List<Run> runs = new ArrayList<>(stories(Integer.MAX_VALUE));
    for (Run run : runs("smollm2-135m", "wikitext", "wikitext2-valid", 12)) {
      boolean longWindow = run.expected.get("window").getAsInt() > 512;
      runs.add(longWindow ? new Run(run.model, run.task, run.golden, run.expected, 2) : run);
    }
    return runs.stream().map(run -> new Object[] {run}).toArray(Object[][]::new);
  }

  @Test(dataProvider = "some")
  public void firstWindowsAgree(Run run) {
    check(run);
  }

  @Test(dataProvider = "all", groups = "long")
  public void windowsAgree(Run run) {
    check(run);
  }

  private static void check(Run run) {
    List<JsonObject> chunks =
        run.expected.getAsJsonArray("per_chunk").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .limit(run.windows)
            .toList();
    List<Request.Tokens> windows;
    List<SequenceScore> scores;
    try (GoldenModel model = GoldenModel.open(run.model, "fp32", 0);
        Tokenizer tokenizer = model.tokenizer()) {
      windows = windows(run, chunks.size(), tokenizer);
      scores = new Scorer(model.decoder(), Runner.TOKENS_PER_PASS).score(windows);
    }
    double nll = 0;
    long scored = 0;
    for (int i = 0; i < scores.size(); i++) {
      JsonObject chunk = chunks.get(i);
      double expected = chunk.get("nll").getAsDouble();
      double ours = -scores.get(i).logLikelihood();
      assertEquals(windows.get(i).scored(), chunk.get("scored").getAsInt());
      assertEquals(ours, expected, 1e-3 + 1e-6 * expected, run + " window " + i);
      nll += ours;
      scored += windows.get(i).scored();
      double running = chunk.get("running_ppl").getAsDouble();
      assertEquals(Math.exp(nll / scored), running, 1e-5 * running, run + " window " + i);
    }
    assertEquals(scores.size(), chunks.size());
  }

  private static List<Request.Tokens> windows(Run run, int limit, Tokenizer tokenizer) {
    TaskOptions options =
        TaskOptions.DEFAULT.withProtocol(PerplexityProtocol.parse(run.protocol())).withLimit(limit);
    DataRoot data = DataRoot.of(Optional.of(Shared.path("datasets")), false);
    List<TaskItem> items = Task.load(TaskCatalogue.find(run.task), data, options).items(tokenizer);
    return items.stream().map(item -> (Request.Tokens) item.requests().getFirst()).toList();
  }

  /** A half-precision base costs little; much more would mean wrong rounding somewhere. */
  @Test(dataProvider = "bases")
  public void halfPrecisionStaysClose(String base, double tolerance) throws IOException {
    Run run = stories(6).getFirst();
    double[] perplexity = new double[2];
    String[] schemes = {"fp32", base};
    for (int s = 0; s < schemes.length; s++) {
      try (GoldenModel model = GoldenModel.open(run.model, schemes[s], 0);
          Tokenizer tokenizer = model.tokenizer()) {
        List<Request.Tokens> windows = windows(run, 6, tokenizer);
        double nll = 0;
        int scored = 0;
        for (SequenceScore score : new Scorer(model.decoder(), 1024).score(windows)) {
          nll -= score.logLikelihood();
          scored += score.logProbability().length;
        }
        perplexity[s] = Math.exp(nll / scored);
      }
    }
    assertEquals(perplexity[1], perplexity[0], tolerance * perplexity[0], base);
  }

  @DataProvider
  public Object[][] bases() {
    return new Object[][] {{"fp16", 0.005}, {"bf16", 0.02}};
  }
}
