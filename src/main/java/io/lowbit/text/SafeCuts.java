// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.BitSet;

/**
 * Where a text may be cut so that its parts, encoded one by one without special tokens, give the
 * ids of the whole. There are two kinds of cut; {@link CutRules} proves them for a tokenizer.
 *
 * <ul>
 *   <li>Before a single space between two letters. The space goes with the part on the right, or is
 *       left out where the tokenizer puts one in front of every part.
 *   <li>After a single line feed between a character that is no white space and a letter. Where the
 *       tokenizer would put a space in front of the letter, the line feed is repeated before it and
 *       the ids of a line feed alone are taken away again.
 * </ul>
 *
 * @param beforeSpace letters that may stand left of the first kind of cut
 * @param afterSpace letters that may follow its space
 * @param afterLine letters that may stand right of the second kind of cut; empty if there are none
 * @param dropsSpace whether the space of the first kind is left out
 * @param repeatsLine whether the line feed of the second kind is repeated
 * @param before ids in front of a text with special tokens
 * @param after ids behind it
 */
record SafeCuts(
    BitSet beforeSpace,
    BitSet afterSpace,
    BitSet afterLine,
    boolean dropsSpace,
    boolean repeatsLine,
    int[] before,
    int[] after) {

  /**
   * A cut.
   *
   * @param end where the part on the left ends
   * @param next where the part on the right begins, which may be a character further or back
   */
  record Cut(int end, int next) {
    /** No cut. */
    static final Cut NONE = new Cut(0, 0);

    /** Whether the part on the right begins with a line feed that the part on the left has too. */
    boolean repeatsLine() {
      return next < end;
    }
  }

  /** The last cut of a text, or {@link Cut#NONE}. */
  Cut last(CharSequence text) {
    for (int i = text.length() - 1; i > 1; i--) {
      char c = text.charAt(i);
      char left = text.charAt(i - 1);
      if (left == ' ' && afterSpace.get(c) && beforeSpace.get(text.charAt(i - 2))) {
        return new Cut(i - 1, dropsSpace ? i : i - 1);
      }
      if (left == '\n' && afterLine.get(c) && !isSpace(text.charAt(i - 2))) {
        return new Cut(i, repeatsLine ? i - 1 : i);
      }
    }
    return Cut.NONE;
  }

  /** White space by any definition that a tokenizer may have. */
  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
  }
}
