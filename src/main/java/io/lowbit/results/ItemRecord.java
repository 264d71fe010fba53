// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.util.List;
import java.util.Map;

/**
 * One scored item, self-contained: everything that statistics and the report need is here. No
 * clock, host or duration.
 *
 * @param schema version of this layout, {@link #SCHEMA}
 * @param key content key of the item: SHA-256 over weights, scheme, task version, data, prompt
 *     tokens and back-end numerics
 * @param model the model as the user named it
 * @param modelSha256 hash of its weights
 * @param modelParameters number of weights
 * @param scheme text form of the scheme, or the user's name for it
 * @param schemeJson canonical JSON of the scheme, every knob explicit
 * @param base F32, F16 or BF16
 * @param weightBits bits per weight of the quantized tensors (of all linear layers if none is
 *     quantized)
 * @param modelBits bits per weight of the whole model
 * @param execution {@code real} (packed weights, integer codes) or {@code fake} (simulated)
 * @param backend back-end and kernel family
 * @param task task name, with shots if any
 * @param taskVersion version of the task's definition
 * @param taskType basic, emergent, trustworthiness, dialogue, long-context or perplexity
 * @param protocol how it was scored, with the BOS rule; always printed beside a perplexity
 * @param dataSha256 hash of the data file
 * @param item identifier of the item within the task
 * @param cluster items that are not independent share one
 * @param metrics the metrics of the task, the primary one first
 * @param values per-item value of each metric and of the raw counts it is made of (nll, tokens,
 *     words, bytes), then of the traits that the task names (a length, a depth)
 * @param logLikelihoods one per choice, if the task has choices
 * @param prediction chosen option or generated text, as text
 * @param target right option or reference, as text
 */
public record ItemRecord(
    int schema,
    String key,
    String model,
    String modelSha256,
    long modelParameters,
    String scheme,
    String schemeJson,
    String base,
    double weightBits,
    double modelBits,
    String execution,
    String backend,
    String task,
    int taskVersion,
    String taskType,
    String protocol,
    String dataSha256,
    String item,
    String cluster,
    List<Metric> metrics,
    Map<String, Double> values,
    List<Double> logLikelihoods,
    String prediction,
    String target) {

  /** Version written by this program. */
  public static final int SCHEMA = 1;

  private static final List<String> RAW_COUNTS = List.of("nll", "tokens", "words", "bytes");

  /**
   * A metric of a task.
   *
   * @param name key in {@link ItemRecord#values} for means; display name for perplexities
   * @param aggregation how items become one number
   * @param higherIsBetter direction
   * @param chance score of guessing, NaN if it has none
   */
  public record Metric(
      String name, Aggregation aggregation, boolean higherIsBetter, double chance) {

    /**
     * Whether it is a share of items, 0 to 1. Means of other numbers exist too; they have another
     * chance level.
     */
    public boolean isShare() {
      return aggregation == Aggregation.MEAN
          && (Double.isNaN(chance) || (chance >= 0 && chance <= 1));
    }
  }

  /**
   * What this item adds above the fraction bar of a metric: its score, or nats for perplexities and
   * bits per byte. NaN if the score is undefined.
   *
   * @throws IllegalArgumentException if the record lacks the value that the metric needs
   */
  public double numerator(Metric metric) {
    return switch (metric.aggregation()) {
      case MEAN -> required(metric.name());
      case EXP_NEGATIVE_MEAN -> -required(metric.name());
      case TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE -> required("nll");
    };
  }

  /**
   * What this item adds below the fraction bar of a metric: 1, or its tokens, words or bytes.
   *
   * @throws IllegalArgumentException if the record lacks the value that the metric needs
   */
  public double denominator(Metric metric) {
    return switch (metric.aggregation()) {
      case MEAN, EXP_NEGATIVE_MEAN -> 1;
      case TOKEN_PERPLEXITY -> required("tokens");
      case WORD_PERPLEXITY -> required("words");
      case BYTE_PERPLEXITY, BITS_PER_BYTE -> required("bytes");
    };
  }

  /** What tells items apart beside their scores: values that are no metric and no raw count. */
  public List<String> traits() {
    return values.keySet().stream()
        .filter(name -> !RAW_COUNTS.contains(name))
        .filter(name -> metrics.stream().noneMatch(metric -> metric.name().equals(name)))
        .toList();
  }

  private double required(String name) {
    Double value = values.get(name);
    if (value != null) {
      return value;
    }
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException(
          "%s / %s / %s: item '%s' has no value '%s'; it has %s"
              .formatted(model, scheme, task, item, name, values.keySet()));
    }
    return Double.NaN;
  }

  /**
   * Whether another program made it: it then lacks what tells whether two runs are comparable, such
   * as the hash of the data, and can be paired by the names of items only.
   */
  public boolean isForeign() {
    return dataSha256.isEmpty();
  }

  /** How per-item values become one number. */
  public enum Aggregation {
    /** Mean of the metric's values. */
    MEAN,
    /** exp of minus the mean of the metric's values (log-likelihoods), one per document. */
    EXP_NEGATIVE_MEAN,
    /** exp(sum nll / sum tokens). */
    TOKEN_PERPLEXITY,
    /** exp(sum nll / sum words). */
    WORD_PERPLEXITY,
    /** exp(sum nll / sum bytes). */
    BYTE_PERPLEXITY,
    /** sum nll / sum bytes / ln 2. */
    BITS_PER_BYTE
  }
}
