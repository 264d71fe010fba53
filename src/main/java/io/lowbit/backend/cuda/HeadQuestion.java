// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

/**
 * What the head is asked.
 *
 * @param rows rows of the hidden states
 * @param start targets {@code start[i]} to {@code start[i + 1] - 1} are asked of {@code rows[i]}
 * @param targets token ids
 * @param best how many of the likeliest tokens of each row are wanted, 0 or more
 */
record HeadQuestion(int[] rows, int[] start, int[] targets, int best) {
  /** No targets. */
  static HeadQuestion best(int[] rows, int count) {
    return new HeadQuestion(rows, new int[rows.length + 1], new int[0], count);
  }
}
