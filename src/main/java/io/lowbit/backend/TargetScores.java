// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/**
 * What the head says about given targets; entry i belongs to target i.
 *
 * @param logProbability natural log-probability of the target, log-softmax in fp32 or better
 * @param rank number of vocabulary entries before the target when sorted by falling logit, ties by
 *     rising id; 0 = it is the arg-max
 */
public record TargetScores(double[] logProbability, int[] rank) {}
