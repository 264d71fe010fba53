// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

/**
 * Consecutive new tokens of one sequence inside a ragged batch.
 *
 * @param cache where the sequence's keys and values are
 * @param position position in the sequence of the first new token
 * @param row row in the batch's buffers of the first new token
 * @param tokens number of new tokens
 */
public record Span(KvCache cache, int position, int row, int tokens) {}
