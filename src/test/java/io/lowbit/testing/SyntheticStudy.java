// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import io.lowbit.testing.StudyRecords.Benchmark;
import io.lowbit.testing.StudyRecords.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Three models under ten schemes on a text and six benchmarks of a hundred items, with losses like
 * those of the literature: an item is right if skill minus damage exceeds its difficulty.
 */
public final class SyntheticStudy {
  private static final int ITEMS = 100;

  /** Number of weights of each model and its skill. */
  private static final Map<String, double[]> MODELS =
      ordered(
          Map.entry("tiny-135M", new double[] {135e6, 0.1}),
          Map.entry("small-360M", new double[] {360e6, 0.6}),
          Map.entry("large-1.7B", new double[] {1.7e9, 1.3}));

  /** Damage of each scheme to short tasks and to long ones. */
  private static final Map<String, double[]> SCHEMES =
      ordered(
          Map.entry("fp32", new double[] {0, 0}),
          Map.entry("w8", new double[] {0.01, 0.01}),
          Map.entry("w4", new double[] {0.35, 0.5}),
          Map.entry("w4g64", new double[] {0.15, 0.2}),
          Map.entry("w2g64", new double[] {3, 4}),
          Map.entry("w8a8", new double[] {0.03, 0.04}),
          Map.entry("w4g64a8", new double[] {0.2, 0.25}),
          Map.entry("kv8", new double[] {0.01, 0.02}),
          Map.entry("kv4", new double[] {0.08, 0.6}),
          Map.entry("w4g64+kv4", new double[] {0.25, 0.8}));

  private static final List<Benchmark> TASKS =
      List.of(
          new Benchmark("lambada", "basic", 0, 1),
          new Benchmark("piqa", "basic", 0.5, 1),
          new Benchmark("mmlu", "emergent", 0.25, 5),
          new Benchmark("gsm8k", "emergent", 0, 1),
          new Benchmark("ethics", "trustworthiness", 0.5, 1),
          new Benchmark("longeval", "long-context", 0, 1));

  private SyntheticStudy() {}

  @SafeVarargs
  private static Map<String, double[]> ordered(Map.Entry<String, double[]>... entries) {
    Map<String, double[]> map = new LinkedHashMap<>();
    for (Map.Entry<String, double[]> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }

  /** All records, always the same. */
  public static StudyRecords records() {
    StudyRecords records = new StudyRecords();
    MODELS.forEach((model, numbers) ->
        SCHEMES.forEach((scheme, damage) -> {
          Run run = Run.of(model, (long) numbers[0], scheme);
          for (Benchmark task : TASKS) {
            boolean isLong = task.type().equals("long-context");
            double left = numbers[1] - damage[isLong ? 1 : 0];
            records.scores(run, task, scores(model, scheme, task, left));
          }
          records.text(run, "wikitext", 512, nats(scheme, numbers[1], damage[0]));
        }));
    return records;
  }

  private static double[] scores(String model, String scheme, Benchmark task, double skill) {
    Random shared = new Random(task.name().hashCode());
    Random own = new Random((model + task.name() + scheme).hashCode());
    double[] scores = new double[ITEMS];
    for (int i = 0; i < ITEMS; i++) {
      double difficulty = shared.nextGaussian();
      boolean isGuessed = shared.nextDouble() < task.chance();
      boolean isKnown = skill + 0.05 * own.nextGaussian() > difficulty;
      scores[i] = isKnown || isGuessed ? 1 : 0;
    }
    return scores;
  }

  private static double[] nats(String scheme, double skill, double damage) {
    Random shared = new Random(7);
    Random own = new Random(scheme.hashCode());
    double[] nats = new double[ITEMS / 2];
    for (int i = 0; i < nats.length; i++) {
      nats[i] =
          512 * (3 - 0.5 * skill + 0.3 * damage + 0.2 * shared.nextGaussian())
              + 512 * damage * 0.02 * own.nextGaussian();
    }
    return nats;
  }
}
