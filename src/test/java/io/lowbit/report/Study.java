// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.results.RecordFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A results folder made by hand: a text and a benchmark whose first metric is no plain mean. */
final class Study {
  private static final List<Metric> TEXT =
      List.of(new Metric("perplexity", Aggregation.TOKEN_PERPLEXITY, false, Double.NaN));
  private static final List<Metric> BENCHMARK =
      List.of(
          new Metric("last_word", Aggregation.EXP_NEGATIVE_MEAN, false, Double.NaN),
          new Metric("acc", Aggregation.MEAN, true, 0));

  private final String model;
  private final String benchmark;
  private final List<ItemRecord> records = new ArrayList<>();

  Study(String model, String benchmark) {
    this.model = model;
    this.benchmark = benchmark;
  }

  /** Windows of ten tokens with the given nats, and 0/1 answers. */
  Study scheme(String scheme, double bits, double[] nats, int... answers) {
    for (int i = 0; i < nats.length; i++) {
      records.add(
          record(scheme, bits, "text", i, TEXT, Map.of("nll", nats[i], "tokens", 10.0), ""));
    }
    for (int i = 0; i < answers.length; i++) {
      Map<String, Double> values = Map.of("last_word", -2.0 - i, "acc", (double) answers[i]);
      records.add(record(scheme, bits, benchmark, i, BENCHMARK, values, benchmark));
    }
    return this;
  }

  /** Writes the records into a folder. */
  Path in(Path folder) {
    try (RecordFile file = RecordFile.open(folder.resolve("records/all.jsonl"))) {
      file.append(records);
    }
    return folder;
  }

  private ItemRecord record(
      String scheme,
      double bits,
      String task,
      int item,
      List<Metric> metrics,
      Map<String, Double> values,
      String prediction) {
    return new ItemRecord(
        ItemRecord.SCHEMA,
        scheme + task + item,
        model,
        "0".repeat(64),
        1000,
        scheme,
        "{\"scheme\":\"" + scheme + "\"}",
        "F32",
        bits,
        bits + 1,
        "real",
        "cpu",
        task,
        1,
        "basic",
        "plain protocol",
        "1".repeat(64),
        Integer.toString(item),
        "",
        metrics,
        values,
        List.of(),
        prediction,
        prediction);
  }
}
