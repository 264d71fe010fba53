// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

/**
 * What a model said to one request.
 *
 * @param logLikelihood sum of the natural log-probabilities of the targets; 0 for a generation
 * @param greedy every target was the most probable token; false for a generation
 * @param tokens number of targets, or of new tokens
 * @param text the generated text, cut at the first stop; empty otherwise
 */
public record Response(double logLikelihood, boolean greedy, int tokens, String text) {
  /** The answer to a log-likelihood request. */
  public static Response ofLogLikelihood(double logLikelihood, boolean greedy, int tokens) {
    return new Response(logLikelihood, greedy, tokens, "");
  }

  /** The answer to a generation. */
  public static Response ofText(String text, int tokens) {
    return new Response(0, false, tokens, text);
  }
}
