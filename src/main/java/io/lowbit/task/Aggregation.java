// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

/**
 * How the values of a task's items become one number. The constants are those of the result
 * records, by name.
 */
public enum Aggregation {
  /** Mean of the metric's own values. */
  MEAN,
  /** exp of minus the mean of the metric's values, which are log-likelihoods. */
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
