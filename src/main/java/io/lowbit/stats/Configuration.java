// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * A model under a scheme, with its size and its quality.
 *
 * @param model name of the model
 * @param scheme name of the scheme
 * @param parameters number of weights
 * @param modelBits bits per weight of the whole model
 * @param isBaseline whether the model's other schemes are compared with it
 * @param accuracy mean of the tasks' scores, 0 to 1; NaN if one is missing or not finite
 * @param accuracyInterval of the accuracy
 * @param lnPerplexity mean of the texts' ln perplexities, in nats; NaN if one is missing
 * @param lnPerplexityInterval of the same
 */
public record Configuration(
    String model,
    String scheme,
    long parameters,
    double modelBits,
    boolean isBaseline,
    double accuracy,
    Optional<Interval> accuracyInterval,
    double lnPerplexity,
    Optional<Interval> lnPerplexityInterval) {

  private static final double BITS_PER_MEGABYTE = 8e6;

  /** Size of the whole model in millions of bytes, without a cache. */
  public double megabytes() {
    return parameters * modelBits / BITS_PER_MEGABYTE;
  }

  /** The texts' perplexity, their geometric mean. */
  public double perplexity() {
    return Math.exp(lnPerplexity);
  }

  /** Interval of the perplexity. */
  public Optional<Interval> perplexityInterval() {
    return lnPerplexityInterval.map(interval -> interval.map(Math::exp));
  }
}
