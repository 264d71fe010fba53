// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Text of a request as token ids, by the rules of lm-evaluation-harness 0.4.13 for causal models.
 *
 * @param context ids the model reads first; never empty
 * @param continuation ids that are scored
 */
public record RequestEncoding(int[] context, int[] continuation) {

  /**
   * Encodes a context and a continuation.
   *
   * <ol>
   *   <li>White space at the end of the context moves to the front of the continuation.
   *   <li>Both together and the context alone are encoded with the tokenizer's default specials;
   *       the continuation is what remains of the joint ids after as many as the context has. This
   *       is a cut by count: where merging across the border changes the context, its ids are still
   *       the first of the joint encoding only in number.
   *   <li>An empty context is the one token {@link #prefix}, and the continuation is encoded
   *       without specials; if it begins with that token already, the token becomes the context
   *       instead. A context of white space alone is treated so too if its encoding is empty, where
   *       the harness stops.
   * </ol>
   *
   * @throws IllegalArgumentException if the context is empty and the tokenizer has neither BOS nor
   *     EOS
   */
  public static RequestEncoding of(Tokenizer tokenizer, String context, String continuation) {
    int[] head =
        context.isEmpty()
            ? new int[0]
            : text(tokenizer, context.substring(0, endWithoutSpace(context)));
    if (head.length > 0) {
      int[] whole = text(tokenizer, context + continuation);
      int cut = Math.min(head.length, whole.length);
      return new RequestEncoding(head, Arrays.copyOfRange(whole, cut, whole.length));
    }
    int prefix = prefix(tokenizer);
    int[] ids = tokenizer.encode(context + continuation, false);
    int from = ids.length > 0 && ids[0] == prefix ? 1 : 0;
    return new RequestEncoding(new int[] {prefix}, Arrays.copyOfRange(ids, from, ids.length));
  }

  /**
   * Encodes a text as a context or a document is: with the tokenizer's default specials, and
   * without where the text itself begins with the BOS string.
   */
  public static int[] text(Tokenizer tokenizer, String text) {
    OptionalInt bos = tokenizer.bos();
    boolean hasBos =
        bos.isPresent()
            && !tokenizer.piece(bos.getAsInt()).isEmpty()
            && text.startsWith(tokenizer.piece(bos.getAsInt()));
    return tokenizer.encode(text, !hasBos);
  }

  /**
   * The token that stands for an empty context: BOS, else EOS.
   *
   * @throws IllegalArgumentException if the tokenizer has neither
   */
  public static int prefix(Tokenizer tokenizer) {
    return tokenizer
        .bos()
        .orElseGet(() ->
            tokenizer
                .eos()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "an empty context needs a BOS or EOS token, but the tokenizer names"
                            + " neither; add one to tokenizer_config.json")));
  }

  /** Index after the last character that Python's {@code str.rstrip} would keep. */
  private static int endWithoutSpace(String text) {
    int end = text.length();
    while (end > 0 && isPythonSpace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  private static boolean isPythonSpace(char c) {
    return Character.isWhitespace(c) // includes U+001C to U+001F, as Python does
        || c == '\u0085'
        || c == '\u00a0'
        || c == '\u2007'
        || c == '\u202f';
  }
}
