// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.List;

/** What is asked of a model, in text. */
public sealed interface Request {
  /** The log-likelihood of a continuation after a context. */
  record LogLikelihood(String context, String continuation) implements Request {}

  /** The log-likelihood of a whole text, in windows of the model's length. */
  record Rolling(String text) implements Request {}

  /**
   * A greedy continuation of a prompt.
   *
   * @param stops texts that end the answer; it is cut before the first occurrence of each, in list
   *     order
   * @param maxNewTokens upper limit of new tokens
   */
  record Generate(String prompt, List<String> stops, int maxNewTokens) implements Request {}

  /**
   * The log-likelihood of the last tokens of a window, taken as they are: nothing is added. The
   * model reads all ids but the last; the id at {@code i} is predicted from those before it.
   *
   * @param ids context and targets
   * @param firstScored index of the first target, 1 or more; every id from there on is one
   */
  record Tokens(int[] ids, int firstScored) implements Request {
    /** Checks that there is at least one token of context and one target. */
    public Tokens {
      if (firstScored < 1 || firstScored >= ids.length) {
        throw new IllegalArgumentException(
            "a window of "
                + ids.length
                + " tokens cannot score from index "
                + firstScored
                + "; the first target needs a token before it");
      }
    }

    /** Number of targets. */
    public int scored() {
      return ids.length - firstScored;
    }
  }
}
