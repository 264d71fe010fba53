// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The windows of lm-evaluation-harness's rolling log-likelihood: disjoint targets, each scored
 * once, and a short last window that is back-filled with as much context as fits.
 */
public final class RollingWindows {
  private RollingWindows() {}

  /**
   * Cuts a document into windows.
   *
   * @param tokens the encoded document, every one of which is scored
   * @param prefix stands before the first token (BOS, else EOS)
   * @param maxLength longest input of the model
   * @return windows in order; none for an empty document
   */
  public static List<Request.Tokens> of(int[] tokens, int prefix, int maxLength) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("a window needs room for a token, not " + maxLength);
    }
    List<Request.Tokens> windows = new ArrayList<>();
    if (tokens.length == 0) {
      return windows;
    }
    int first = Math.min(maxLength, tokens.length);
    int[] ids = new int[first + 1];
    ids[0] = prefix;
    System.arraycopy(tokens, 0, ids, 1, first);
    windows.add(new Request.Tokens(ids, 1));
    for (int from = first; from < tokens.length; from += maxLength) {
      int end = Math.min(from + maxLength, tokens.length);
      // The input is the maxLength tokens before the last target.
      int start = end - 1 - maxLength;
      windows.add(new Request.Tokens(Arrays.copyOfRange(tokens, start, end), from - start));
    }
    return windows;
  }
}
