// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The nearest of some words to a misspelt one. */
final class Spelling {
  private Spelling() {}

  /**
   * The word at the least edit distance, the first in alphabetical order among equals; empty if all
   * are further away than half of the letters.
   */
  static Optional<String> nearest(String misspelt, Collection<String> words) {
    String lower = misspelt.toLowerCase(Locale.ROOT);
    return words.stream()
        .filter(word -> distance(lower, word) <= (lower.length() + 1) / 2)
        .min(
            Comparator.comparingInt((String word) -> distance(lower, word))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Insertions, deletions, substitutions and swaps of neighbours from one word to the other. */
  static int distance(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int substitution = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(
                cost[i - 1][j - 1] + substitution, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
        }
      }
    }
    return cost[from.length()][to.length()];
  }
}
