// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.results.RecordFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers made by hand; the scheme that comes first has the most bits, so it is the baseline. */
final class SamplesStudy {
  private static final List<Metric> METRICS = List.of(new Metric("acc", Aggregation.MEAN, true, 0));

  private final List<ItemRecord> records = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  /** Adds an answer; it is right if it equals the target. */
  SamplesStudy answer(
      String model,
      String scheme,
      String task,
      String item,
      String answer,
      String target,
      double... likelihoods) {
    int place = places.computeIfAbsent(scheme, _ -> places.size());
    List<Double> list = new ArrayList<>();
    for (double likelihood : likelihoods) {
      list.add(likelihood);
    }
    records.add(
        new ItemRecord(
            ItemRecord.SCHEMA,
            String.join("\n", model, scheme, task, item),
            model,
            "0".repeat(64),
            1000,
            scheme,
            "{}",
            "F32",
            32.0 - place,
            32.0 - place,
            "real",
            "cpu",
            task,
            1,
            "basic",
            "plain protocol",
            "1".repeat(64),
            item,
            "",
            METRICS,
            Map.of("acc", answer.equals(target) ? 1.0 : 0.0),
            list,
            answer,
            target));
    return this;
  }

  List<ItemRecord> records() {
    return records;
  }

  /** Writes the report with some of the items into a new folder. */
  Path page(SamplesShown shown) throws Exception {
    Path folder = Files.createTempDirectory("samples");
    try (RecordFile file = RecordFile.open(folder.resolve("records/all.jsonl"))) {
      file.append(records);
    }
    Path page = folder.resolve("report.html");
    ReportFile.write(folder, page, new ReportFile.Wishes(List.of(), 0.01, 0.01, shown));
    return page;
  }
}
