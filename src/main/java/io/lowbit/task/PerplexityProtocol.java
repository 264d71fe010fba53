// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.text.Request;
import io.lowbit.text.TokenWindows;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a text becomes a perplexity. Two numbers may only be compared under the same protocol: the
 * same model and text differ by more than a factor of two between them.
 */
public sealed interface PerplexityProtocol {
  /** Text form, printed beside every perplexity; {@link #parse} reads it. */
  String name();

  /** What happens to the beginning-of-sequence token, as a phrase. */
  String bosRule();

  /** A protocol that cuts one long token sequence into windows. */
  sealed interface Windowed extends PerplexityProtocol {
    /** Most tokens a window holds; the model's context must have room for them. */
    int window();

    /**
     * The windows of a text.
     *
     * @throws IOException if the reader fails
     */
    List<Request.Tokens> windows(Reader text, Tokenizer tokenizer) throws IOException;
  }

  /**
   * Consecutive windows, all but each first token scored.
   *
   * @param joinLines put a blank line between the text's lines first, each keeping its line feed
   */
  record Gptq(int window, boolean joinLines) implements Windowed {
    @Override
    public String name() {
      return (joinLines ? "gptqjoin-" : "gptq-") + window;
    }

    @Override
    public String bosRule() {
      return "BOS only where the tokenizer adds it, at the start of the text";
    }

    @Override
    public List<Request.Tokens> windows(Reader text, Tokenizer tokenizer) throws IOException {
      Reader joined = joinLines ? new JoinedLines(text) : text;
      return TokenWindows.gptq(tokenizer.encode(joined, true), window);
    }
  }

  /** Consecutive windows, the second half scored, as {@code llama-perplexity} does. */
  record LlamaCpp(int window) implements Windowed {
    @Override
    public String name() {
      return "llama.cpp-" + window;
    }

    @Override
    public String bosRule() {
      return "first token of each window replaced by BOS if the tokenizer adds one";
    }

    @Override
    public List<Request.Tokens> windows(Reader text, Tokenizer tokenizer) throws IOException {
      return TokenWindows.llamaCpp(tokenizer.encode(text, true), window, addedBos(tokenizer));
    }

    /** BOS, if the tokenizer puts it before a text by default. */
    private static OptionalInt addedBos(Tokenizer tokenizer) {
      OptionalInt bos = tokenizer.bos();
      int[] plain = tokenizer.encode("a", false);
      int[] special = tokenizer.encode("a", true);
      boolean added =
          bos.isPresent() && special.length > plain.length && special[0] == bos.getAsInt();
      return added ? bos : OptionalInt.empty();
    }
  }

  /** Overlapping windows, each scoring what the one before it has not. */
  record Strided(int window, int stride) implements Windowed {
    @Override
    public String name() {
      return "strided-" + window + "-" + stride;
    }

    @Override
    public String bosRule() {
      return "BOS only where the tokenizer adds it, at the start of the text";
    }

    @Override
    public List<Request.Tokens> windows(Reader text, Tokenizer tokenizer) throws IOException {
      return TokenWindows.strided(tokenizer.encode(text, true), window, stride);
    }
  }

  /** Rolling log-likelihood of documents, as lm-evaluation-harness does. */
  record LmEval(Unit unit) implements PerplexityProtocol {
    @Override
    public String name() {
      return "lm-eval-" + unit.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String bosRule() {
      return "BOS (else EOS) before the first window of a document, and again where the tokenizer"
          + " adds it";
    }
  }

  /** What a perplexity is averaged over. */
  enum Unit {
    /** Words of the original text. */
    WORD,
    /** UTF-8 bytes of the original text. */
    BYTE,
    /** The same bytes, in bits: log2 of the byte perplexity. */
    BITS
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException if it names no protocol, listing them
   */
  static PerplexityProtocol parse(String text) {
    Matcher windowed =
        Pattern.compile("(gptq|gptqjoin|llama\\.cpp)-([1-9][0-9]{0,7})").matcher(text);
    if (windowed.matches()) {
      int window = Integer.parseInt(windowed.group(2));
      if (window < 4) {
        throw new IllegalArgumentException(
            "the protocol '" + text + "' has windows that score nothing; use 4 tokens or more");
      }
      return switch (windowed.group(1)) {
        case "gptq" -> new Gptq(window, false);
        case "gptqjoin" -> new Gptq(window, true);
        default -> new LlamaCpp(window);
      };
    }
    Matcher strided = Pattern.compile("strided-([1-9][0-9]{0,7})-([1-9][0-9]{0,7})").matcher(text);
    if (strided.matches()) {
      int window = Integer.parseInt(strided.group(1));
      int stride = Integer.parseInt(strided.group(2));
      if (window < 2 || stride > window) {
        throw new IllegalArgumentException(
            "the protocol '" + text + "' moves on further than its window; use a smaller stride");
      }
      return new Strided(window, stride);
    }
    for (Unit unit : Unit.values()) {
      LmEval protocol = new LmEval(unit);
      if (protocol.name().equals(text)) {
        return protocol;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is no perplexity protocol; there is gptq-N, gptqjoin-N, llama.cpp-N, strided-N-S"
            + " (N tokens a window, S tokens a step), lm-eval-word, lm-eval-byte, lm-eval-bits");
  }
}
