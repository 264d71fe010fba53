// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/**
 * The likeliest tokens of rows, first by falling logit, then by rising id; entry {@code [i][j]}
 * belongs to row i and is the j-th best.
 *
 * @param ids token ids
 * @param logProbabilities natural log-probabilities, log-softmax in fp32 or better
 */
public record TopTokens(int[][] ids, double[][] logProbabilities) {}
