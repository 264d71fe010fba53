// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.results.CollectedResults;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.StatedRatio;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lowbit compare}: schemes against a baseline, item by item. */
@Command(
    name = "compare",
    description = {
      "Compares the schemes of result records with a baseline, item by item.",
      "Results of lm-eval, of llama.cpp and scores of any program are read too."
    },
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "RESULTS",
      description = {
        "Result records (JSONL files, or folders of them), in any mixture with results of others:",
        "samples of lm-eval's --log_samples (a file, or the folder it wrote), lines with task, item,"
            + " scheme and score (if known also model, cluster, choice, gold), and what"
            + " llama-perplexity --kl-divergence prints."
      })
  private List<Path> places;

  @Mixin private ResultOptions options;

  @Option(names = "--json", description = "Print JSON instead of tables.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    CollectedResults results = options.read(places);
    Comparison.Settings settings = options.settings(results);
    List<StatedRatio> stated =
        results.divergences().stream().map(one -> StatedRatio.of(one, settings)).toList();
    if (json) {
      JsonObject all =
          results.records().isEmpty() && !stated.isEmpty()
              ? new JsonObject()
              : StatisticsJson.GSON
                  .toJsonTree(Comparison.of(results.records(), settings))
                  .getAsJsonObject();
      if (!stated.isEmpty()) {
        all.add("llamaCpp", StatisticsJson.GSON.toJsonTree(stated));
      }
      if (!all.has("notes")) {
        all.add("notes", new JsonArray());
      }
      results.notes().forEach(all.getAsJsonArray("notes")::add);
      out.println(StatisticsJson.GSON.toJson(all));
    } else {
      if (!results.records().isEmpty() || stated.isEmpty()) {
        StatisticsText.print(Comparison.of(results.records(), settings), out);
      }
      if (!stated.isEmpty()) {
        StatedText.print(stated, out);
      }
      StatisticsText.printNotes(results.notes(), out);
    }
    out.flush();
    return 0;
  }
}
