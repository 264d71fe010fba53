// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** The windows of the perplexity protocols that cut one long token sequence. */
public final class TokenWindows {
  private TokenWindows() {}

  /**
   * Consecutive windows, the incomplete tail dropped; all tokens of a window but its first are
   * scored (GPTQ, Frantar et al. 2023, and its successors).
   *
   * @param tokens the whole text as the tokenizer encodes it by default
   * @throws IllegalArgumentException if the text does not fill one window
   */
  public static List<Request.Tokens> gptq(int[] tokens, int window) {
    return consecutive(tokens, window, 1, OptionalInt.empty());
  }

  /**
   * Consecutive windows as {@code llama-perplexity} cuts them: the targets are the positions after
   * {@code window / 2}, so that each has at least half a window of context.
   *
   * @param tokens the whole text as the tokenizer encodes it by default
   * @param bos overwrites the first token of each window; empty if the model adds no BOS
   * @throws IllegalArgumentException if the text does not fill one window
   */
  public static List<Request.Tokens> llamaCpp(int[] tokens, int window, OptionalInt bos) {
    return consecutive(tokens, window, window / 2 + 1, bos);
  }

  /**
   * Overlapping windows that move on by {@code stride}; each scores the tokens that no window
   * before it has scored. The tail is a shorter last window.
   *
   * @param tokens the whole text as the tokenizer encodes it by default
   */
  public static List<Request.Tokens> strided(int[] tokens, int window, int stride) {
    if (window < 2 || stride < 1 || stride > window) {
      throw new IllegalArgumentException(
          "a strided protocol needs a window of 2 tokens or more and a stride from 1 to the window,"
              + " not window "
              + window
              + " and stride "
              + stride);
    }
    List<Request.Tokens> windows = new ArrayList<>();
    int scoredTo = 0;
    for (int start = 0; scoredTo < tokens.length; start += stride) {
      int end = Math.min(start + window, tokens.length);
      // The first token of a window has nothing to be predicted from.
      int firstScored = Math.max(1, scoredTo - start);
      if (firstScored < end - start) {
        windows.add(new Request.Tokens(Arrays.copyOfRange(tokens, start, end), firstScored));
      }
      scoredTo = end;
    }
    return windows;
  }

  private static List<Request.Tokens> consecutive(
      int[] tokens, int window, int firstScored, OptionalInt first) {
    if (window <= firstScored) {
      throw new IllegalArgumentException(
          "a window of " + window + " tokens scores nothing; use 4 or more");
    }
    if (tokens.length < window) {
      throw new IllegalArgumentException(
          "the text has "
              + tokens.length
              + " tokens, which do not fill one window of "
              + window
              + "; use a smaller window or a longer text");
    }
    List<Request.Tokens> windows = new ArrayList<>();
    for (int start = 0; start + window <= tokens.length; start += window) {
      int[] ids = Arrays.copyOfRange(tokens, start, start + window);
      first.ifPresent(id -> ids[0] = id);
      windows.add(new Request.Tokens(ids, firstScored));
    }
    return windows;
  }
}
