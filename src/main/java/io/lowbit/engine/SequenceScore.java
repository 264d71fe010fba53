// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

/**
 * What the model says of a sequence's targets.
 *
 * @param logProbability natural log-probability of each target
 * @param greedy whether each target is the arg-max of its position
 */
public record SequenceScore(double[] logProbability, boolean greedy) {
  /** Log-likelihood of all targets together. */
  public double logLikelihood() {
    double sum = 0;
    for (double value : logProbability) {
      sum += value;
    }
    return sum;
  }
}
