// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

/** The kind of request a task makes. Named as in lm-evaluation-harness. */
public enum OutputType {
  /** One log-likelihood per choice after the same context. */
  MULTIPLE_CHOICE,
  /** The log-likelihood of one continuation. */
  LOGLIKELIHOOD,
  /** The log-likelihood of whole documents: perplexity. */
  LOGLIKELIHOOD_ROLLING,
  /** A greedy answer. */
  GENERATE_UNTIL
}
