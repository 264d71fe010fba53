// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.text.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The numbers lm-evaluation-harness prints for a task: aggregates, and the errors it puts behind
 * them. Kept apart from our own statistics, which have intervals and pairs.
 */
public final class Aggregates {
  private static final int BOOTSTRAP_BLOCKS = 100;
  private static final int REPLICATES_PER_BLOCK = 1000;

  private Aggregates() {}

  /**
   * A metric over items.
   *
   * @param items the values of each item ({@link ItemScore#values})
   */
  public static double value(TaskMetric metric, List<Map<String, Double>> items) {
    return switch (metric.aggregation()) {
      case MEAN -> mean(column(items, metric.name()));
      case EXP_NEGATIVE_MEAN -> Math.exp(-mean(column(items, metric.name())));
      case TOKEN_PERPLEXITY -> Math.exp(ratio(items, "tokens"));
      case WORD_PERPLEXITY -> Math.exp(ratio(items, "words"));
      case BYTE_PERPLEXITY -> Math.exp(ratio(items, "bytes"));
      case BITS_PER_BYTE -> ratio(items, "bytes") / Math.log(2);
    };
  }

  /**
   * The harness's standard error: sample deviation over the root of n for means, the deviation of
   * 100,000 bootstrap replicates for the perplexity of single answers; none for perplexities of
   * running text, nor for a single item.
   */
  public static OptionalDouble standardError(TaskMetric metric, List<Map<String, Double>> items) {
    if (items.size() < 2) {
      return OptionalDouble.empty();
    }
    return switch (metric.aggregation()) {
      case MEAN -> {
        double[] values = column(items, metric.name());
        yield OptionalDouble.of(sampleDeviation(values) / Math.sqrt(values.length));
      }
      case EXP_NEGATIVE_MEAN -> OptionalDouble.of(bootstrapError(column(items, metric.name())));
      case TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE ->
          OptionalDouble.empty();
    };
  }

  /**
   * Block i draws its replicates with {@code Random(i)}, so the result does not depend on threads.
   */
  private static double bootstrapError(double[] logLikelihoods) {
    double[] replicates =
        IntStream.range(0, BOOTSTRAP_BLOCKS)
            .parallel()
            .boxed()
            .flatMapToDouble(block -> {
              PythonRandom random = new PythonRandom(block);
              double[] perplexities = new double[REPLICATES_PER_BLOCK];
              for (int i = 0; i < REPLICATES_PER_BLOCK; i++) {
                perplexities[i] = Math.exp(-resampledMean(logLikelihoods, random));
              }
              return Arrays.stream(perplexities);
            })
            .toArray();
    return sampleDeviation(replicates);
  }

  private static double resampledMean(double[] values, PythonRandom random) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[(int) (random.random() * values.length)];
    }
    return sum / values.length;
  }

  private static double ratio(List<Map<String, Double>> items, String count) {
    double nll = 0;
    double total = 0;
    for (Map<String, Double> item : items) {
      nll += required(item, "nll");
      total += required(item, count);
    }
    return nll / total;
  }

  private static double[] column(List<Map<String, Double>> items, String name) {
    return items.stream().mapToDouble(item -> required(item, name)).toArray();
  }

  private static double required(Map<String, Double> item, String name) {
    Double value = item.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "an item has no value '" + name + "'" + NearestName.hint(name, item.keySet()));
    }
    return value;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double sampleDeviation(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1));
  }
}
