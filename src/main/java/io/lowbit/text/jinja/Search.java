// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

/**
 * Finds text in text in time that grows with their lengths, never with the product: short parts by
 * the library, long ones by Knuth, Morris and Pratt.
 */
final class Search {
  private static final int SHORT = 8;

  private Search() {}

  /** The first place of a part at or after a place, or -1. */
  static int first(String text, String part, int from) {
    return part.length() <= SHORT
        ? text.indexOf(part, from)
        : scan(text, from, text.length(), part, false);
  }

  /** The last place of a part that ends at or before a place, or -1. */
  static int last(String text, String part, int end) {
    return part.length() <= SHORT
        ? text.lastIndexOf(part, end - part.length())
        : scan(text, 0, end, part, true);
  }

  private static int scan(String text, int start, int end, String part, boolean backward) {
    int[] shorter = shorterMatches(part, backward);
    int matched = 0;
    for (int i = 0; i < end - start; i++) {
      int place = backward ? end - 1 - i : start + i;
      matched = extended(matched, text.charAt(place), part, shorter, backward);
      if (matched == part.length()) {
        return backward ? place : place - matched + 1;
      }
    }
    return -1;
  }

  /** For each number of matched characters, the next smaller number that matches as well. */
  private static int[] shorterMatches(String part, boolean backward) {
    int[] shorter = new int[part.length()];
    for (int i = 1; i < part.length(); i++) {
      char c = character(part, i, backward);
      shorter[i] = extended(shorter[i - 1], c, part, shorter, backward);
    }
    return shorter;
  }

  private static int extended(
      int matched, char next, String part, int[] shorter, boolean backward) {
    int count = matched;
    while (count > 0 && next != character(part, count, backward)) {
      count = shorter[count - 1];
    }
    return next == character(part, count, backward) ? count + 1 : count;
  }

  private static char character(String part, int index, boolean backward) {
    return part.charAt(backward ? part.length() - 1 - index : index);
  }
}
