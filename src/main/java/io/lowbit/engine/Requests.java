// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.text.Request;
import io.lowbit.text.RequestEncoding;
import io.lowbit.text.RollingWindows;
import io.lowbit.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** Requests in text, cut to what a model can read, by the rules of lm-evaluation-harness. */
public final class Requests {
  private Requests() {}

  /**
   * The windows to score for a log-likelihood, rolling or token request.
   *
   * @param maxLength longest input of the model, in tokens
   * @throws IllegalArgumentException if a continuation alone is longer
   */
  public static List<Request.Tokens> windows(Request request, Tokenizer tokenizer, int maxLength) {
    return switch (request) {
      case Request.LogLikelihood asked -> {
        RequestEncoding encoding =
            RequestEncoding.of(tokenizer, asked.context(), asked.continuation());
        yield List.of(cut(encoding.context(), encoding.continuation(), maxLength));
      }
      case Request.Rolling asked ->
          RollingWindows.of(
              RequestEncoding.text(tokenizer, asked.text()),
              RequestEncoding.prefix(tokenizer),
              maxLength);
      case Request.Tokens asked -> List.of(asked);
      case Request.Generate asked ->
          throw new IllegalArgumentException("a generation request is answered, not scored");
    };
  }

  /**
   * A continuation after a context: the last {@code maxLength + 1} tokens are kept, of which the
   * final one is only a target.
   */
  public static Request.Tokens cut(int[] context, int[] continuation, int maxLength) {
    if (continuation.length > maxLength) {
      throw new IllegalArgumentException(
          "a continuation of %,d tokens does not fit the model's %,d"
              .formatted(continuation.length, maxLength));
    }
    int fromContext = Math.min(context.length, maxLength + 1 - continuation.length);
    int[] ids =
        Arrays.copyOfRange(
            context, context.length - fromContext, context.length + continuation.length);
    System.arraycopy(continuation, 0, ids, fromContext, continuation.length);
    return new Request.Tokens(ids, fromContext);
  }
}
