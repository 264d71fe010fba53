// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import io.lowbit.quant.Scheme;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.results.RecordFile;
import io.lowbit.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Records of a study that was never run, with real definitions of the schemes. */
public final class StudyRecords {
  private static final List<Metric> TEXT =
      List.of(new Metric("perplexity", Aggregation.TOKEN_PERPLEXITY, false, Double.NaN));

  private final List<ItemRecord> records = new ArrayList<>();

  /**
   * What a scheme runs on.
   *
   * @param parameters number of weights
   * @param modelBits bits per weight of the whole model
   */
  public record Run(String model, long parameters, String scheme, double modelBits) {
    /** With the bits that the scheme's name says of the weights, 32 without. */
    public static Run of(String model, long parameters, String scheme) {
      boolean isWeight = scheme.matches("w[0-9].*");
      return new Run(model, parameters, scheme, isWeight ? scheme.charAt(1) - '0' + 0.25 : 32);
    }
  }

  /**
   * A benchmark.
   *
   * @param type of the task
   * @param chance score of guessing
   * @param itemsPerCluster items that share a cluster; 1 = independent
   */
  public record Benchmark(String name, String type, double chance, int itemsPerCluster) {}

  /** A score per item. */
  public StudyRecords scores(Run run, Benchmark task, double... scores) {
    List<Metric> metrics = List.of(new Metric("acc", Aggregation.MEAN, true, task.chance));
    for (int i = 0; i < scores.length; i++) {
      String cluster = task.itemsPerCluster == 1 ? "" : "c" + i / task.itemsPerCluster;
      add(run, task.name, task.type, i, cluster, metrics, Map.of("acc", scores[i]));
    }
    return this;
  }

  /** Items that show a bias or not: a share of which less is better. */
  public StudyRecords bias(Run run, String name, double... shown) {
    List<Metric> metrics = List.of(new Metric("pct_stereotype", Aggregation.MEAN, false, 0.5));
    for (int i = 0; i < shown.length; i++) {
      add(run, name, "trustworthiness", i, "", metrics, Map.of("pct_stereotype", shown[i]));
    }
    return this;
  }

  /** Nats of windows with the given number of tokens each. */
  public StudyRecords text(Run run, String name, double tokens, double... nats) {
    for (int i = 0; i < nats.length; i++) {
      add(run, name, "perplexity", i, "", TEXT, Map.of("nll", nats[i], "tokens", tokens));
    }
    return this;
  }

  private void add(
      Run run,
      String task,
      String type,
      int item,
      String cluster,
      List<Metric> metrics,
      Map<String, Double> values) {
    records.add(
        new ItemRecord(
            ItemRecord.SCHEMA,
            run.model + run.scheme + task + item,
            run.model,
            "0".repeat(64),
            run.parameters,
            run.scheme,
            Scheme.parse(run.scheme).withDefaultBase(DType.F32).canonicalJson(),
            "F32",
            run.modelBits,
            run.modelBits,
            "real",
            "cpu",
            task,
            1,
            type,
            "plain protocol",
            "1".repeat(64),
            Integer.toString(item),
            cluster,
            metrics,
            values,
            List.of(),
            "",
            ""));
  }

  /** The same record made with another base type. */
  public static ItemRecord withBase(ItemRecord one, String base) {
    return with(one, base, one.values());
  }

  /** The same record with other values. */
  public static ItemRecord withValues(ItemRecord one, Map<String, Double> values) {
    return with(one, one.base(), values);
  }

  private static ItemRecord with(ItemRecord one, String base, Map<String, Double> values) {
    return new ItemRecord(
        one.schema(),
        one.key(),
        one.model(),
        one.modelSha256(),
        one.modelParameters(),
        one.scheme(),
        one.schemeJson(),
        base,
        one.weightBits(),
        one.modelBits(),
        one.execution(),
        one.backend(),
        one.task(),
        one.taskVersion(),
        one.taskType(),
        one.protocol(),
        one.dataSha256(),
        one.item(),
        one.cluster(),
        one.metrics(),
        values,
        one.logLikelihoods(),
        one.prediction(),
        one.target());
  }

  /** The records so far. */
  public List<ItemRecord> records() {
    return List.copyOf(records);
  }

  /** Writes the records into a study's output folder. */
  public Path in(Path folder) {
    try (RecordFile file = RecordFile.open(folder.resolve("records/all.jsonl"))) {
      file.append(records);
    }
    return folder;
  }
}
