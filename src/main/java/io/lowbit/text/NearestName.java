// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The known name closest to one that is not known, for error messages. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name with the smallest edit distance (Levenshtein), if it is close enough that the
   * other was probably meant: at most a third of the longer name, and always if one edit away.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    return known.stream()
        .filter(other -> {
          int limit = Math.max(1, Math.max(name.length(), other.length()) / 3);
          return distance(name, other) <= limit;
        })
        .min(Comparator.comparingInt(other -> distance(name, other)));
  }

  /** {@code ; did you mean 'x'?}, or a list of what there is. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known)
        .map(nearest -> "; did you mean '" + nearest + "'?")
        .orElseGet(() -> "; there is " + String.join(", ", known.stream().sorted().toList()));
  }

  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
