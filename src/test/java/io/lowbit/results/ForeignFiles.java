// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The reference outputs of lm-eval and llama.cpp in the files that these programs write. */
public final class ForeignFiles {
  /** Date in the files' names. */
  public static final String DATE = "2025-11-02T10-20-30.123456";

  private ForeignFiles() {}

  /** A reference file of lm-eval, parsed. */
  public static List<JsonObject> goldenSamples(String model, String task) throws IOException {
    List<JsonObject> samples = new ArrayList<>();
    for (String line :
        Files.readAllLines(Shared.path("golden/lmeval/" + model + "." + task + ".jsonl"))) {
      samples.add(JsonParser.parseString(line).getAsJsonObject());
    }
    return samples;
  }

  /** What the harness computed of it. */
  public static JsonObject goldenResults(String model, String task) throws IOException {
    return JsonParser.parseString(
            Files.readString(Shared.path("golden/lmeval/" + model + ".summary.json")))
        .getAsJsonObject()
        .getAsJsonObject("tasks")
        .getAsJsonObject(task)
        .getAsJsonObject("results");
  }

  /**
   * Writes samples and results into a folder as {@code --log_samples} does.
   *
   * @param task such as {@code arc_easy.0shot}
   */
  public static Path lmEval(Path folder, String model, String task) throws IOException {
    Files.createDirectories(folder);
    String name = task.substring(0, task.indexOf('.'));
    StringBuilder lines = new StringBuilder();
    for (JsonObject golden : goldenSamples(model, task)) {
      lines.append(sample(golden)).append('\n');
    }
    Path samples = folder.resolve("samples_" + name + "_" + DATE + ".jsonl");
    Files.writeString(samples, lines);
    JsonObject results = new JsonObject();
    results.add("results", goldenResults(model, task));
    JsonObject shots = new JsonObject();
    shots.addProperty(name, Integer.parseInt(task.replaceAll(".*\\.(\\d+)shot", "$1")));
    results.add("n-shot", shots);
    Files.writeString(folder.resolve("results_" + DATE + ".json"), results.toString());
    return samples;
  }

  private static JsonObject sample(JsonObject golden) {
    JsonObject sample = new JsonObject();
    sample.add("doc_id", golden.get("doc_id"));
    sample.add("doc", golden.get("doc"));
    sample.addProperty("target", String.valueOf(golden.get("target")));
    JsonArray responses = new JsonArray();
    if (golden.has("loglikelihoods")) {
      for (int i = 0; i < golden.getAsJsonArray("loglikelihoods").size(); i++) {
        JsonArray response = new JsonArray();
        response.add(golden.getAsJsonArray("loglikelihoods").get(i).getAsString());
        response.add(golden.getAsJsonArray("is_greedy").get(i).getAsBoolean() ? "True" : "False");
        responses.add(response);
      }
    }
    sample.add("resps", responses);
    sample.add("filtered_resps", responses);
    sample.addProperty("filter", "none");
    JsonArray names = new JsonArray();
    for (Map.Entry<String, JsonElement> metric : golden.getAsJsonObject("metrics").entrySet()) {
      names.add(metric.getKey());
      sample.add(metric.getKey(), metric.getValue());
    }
    sample.add("metrics", names);
    return sample;
  }

  /** All runs of llama.cpp's reference. */
  public static JsonObject goldenDivergences() throws IOException {
    return JsonParser.parseString(
            Files.readString(Shared.path("golden/llamacpp/smollm2-135m.perplexity.json")))
        .getAsJsonObject();
  }

  /** A run as {@code llama-perplexity --kl-divergence} prints it, with its log around. */
  public static String llamaCpp(JsonObject run) {
    StringBuilder text =
        new StringBuilder("llama_context: n_ctx = 2048\n\nkl_divergence: 12 chunks\n");
    text.append(
        "chunk             PPL               ln(PPL(Q)/PPL(base))          KL Divergence"
            + "              Δp RMS            Same top p\n");
    for (JsonElement element : run.getAsJsonArray("per_chunk")) {
      JsonObject chunk = element.getAsJsonObject();
      text.append(
          String.format(
              Locale.ROOT,
              "%4d %10.4f ± %9.4f  %10.5f ± %10.5f  %10.5f ± %10.5f  %6.3f ± %6.3f %%  %6.3f ± %6.3f %%%n",
              chunk.get("chunk").getAsInt(),
              chunk.get("ppl").getAsDouble(),
              chunk.get("ppl_error").getAsDouble(),
              chunk.get("ln_ratio").getAsDouble(),
              chunk.get("ln_ratio_error").getAsDouble(),
              chunk.get("kld").getAsDouble(),
              chunk.get("kld_error").getAsDouble(),
              chunk.get("rms_dp_percent").getAsDouble(),
              chunk.get("rms_dp_error").getAsDouble(),
              chunk.get("same_top_percent").getAsDouble(),
              chunk.get("same_top_error").getAsDouble()));
    }
    run.getAsJsonObject("summary")
        .asMap()
        .forEach((name, value) -> {
          text.append(
              switch (name) {
                case "Mean PPL(Q)" -> "\n====== Perplexity statistics ======\n";
                case "Mean KLD" -> "\n====== KL divergence statistics ======\n";
                case "Mean Δp" -> "\n====== Token probability statistics ======\n";
                default -> "";
              });
          boolean percent =
              name.contains("Δp") || name.startsWith("Cor") || name.startsWith("Same");
          text.append(
              String.format(Locale.ROOT, "%-14s: ", name.replaceFirst(" (KLD|Δp)$", "   $1")));
          text.append(
              value.isJsonArray()
                  ? decimal(value.getAsJsonArray().get(0))
                      + " ± "
                      + decimal(value.getAsJsonArray().get(1))
                      + (percent ? " %" : "")
                  : decimal(value) + (percent ? "%" : ""));
          text.append('\n');
        });
    return text + "\nllama_perf_context_print:        load time =     100.00 ms\n";
  }

  private static String decimal(JsonElement value) {
    return String.format(Locale.ROOT, "%.6f", value.getAsDouble());
  }
}
