// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.Arrays;

/**
 * Turns tokens into text as they come. The pieces it gives, one after the other and with the last
 * from {@link #finish()}, are exactly what decoding all ids at once gives: a piece waits until
 * nothing that follows can change it. So the bytes of an unfinished character wait, and a run of
 * byte-fallback tokens waits for its end, because one invalid byte turns the whole run into U+FFFD.
 *
 * <p>Not thread-safe.
 */
public final class StreamDecoder {
  private final Tokenizer tokenizer;
  private final boolean skipSpecial;

  /** The ids from the start of the last shown group on. */
  private int[] window = new int[16];

  private int size;

  /** How many ids of the window are shown; they are decoded again because spaces depend on them. */
  private int shown;

  private boolean inByteRun;

  /**
   * A decoder at the start of a text.
   *
   * @param skipSpecial leave special tokens out
   */
  public StreamDecoder(Tokenizer tokenizer, boolean skipSpecial) {
    this.tokenizer = tokenizer;
    this.skipSpecial = skipSpecial;
  }

  /** Takes the next id and gives the text that is certain now; often one piece, possibly none. */
  public String next(int id) {
    if (size == window.length) {
      window = Arrays.copyOf(window, 2 * size);
    }
    window[size++] = id;
    if (isByte(tokenizer.piece(id))) {
      inByteRun = true;
      return "";
    }
    if (inByteRun) {
      // Tokens that are left out do not end a run.
      inByteRun = decode(id).isEmpty();
      if (inByteRun) {
        return "";
      }
    }
    String fresh = waiting();
    if (fresh.isEmpty() || fresh.endsWith("\ufffd")) {
      return "";
    }
    size -= shown;
    System.arraycopy(window, shown, window, 0, size);
    shown = size;
    return fresh;
  }

  /** The text that was still waiting; afterwards a new text may begin. */
  public String finish() {
    String rest = waiting();
    size = 0;
    shown = 0;
    inByteRun = false;
    return rest;
  }

  /** The text that still waits, as it would be if nothing followed; it may come out otherwise. */
  public String waiting() {
    String before = decode(Arrays.copyOf(window, shown));
    String now = decode(Arrays.copyOf(window, size));
    return now.substring(before.length());
  }

  private String decode(int... ids) {
    return skipSpecial ? tokenizer.decodeSkippingSpecial(ids) : tokenizer.decode(ids);
  }

  /** Whether a piece is the byte-fallback form {@code <0xHH>}. */
  private static boolean isByte(String piece) {
    return piece.length() == 6 && piece.startsWith("<0x") && piece.endsWith(">");
  }
}
