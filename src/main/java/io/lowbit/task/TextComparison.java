// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Equality of two texts after deleting what a task does not care about; the {@code exact_match} of
 * lm-evaluation-harness.
 *
 * @param ignoredPatterns deleted from both sides, in order
 * @param ignoreCase compare in lower case
 * @param ignorePunctuation drop ASCII punctuation
 * @param ignoreNumbers drop ASCII digits
 */
public record TextComparison(
    List<Pattern> ignoredPatterns,
    boolean ignoreCase,
    boolean ignorePunctuation,
    boolean ignoreNumbers) {
  private static final Pattern PUNCTUATION = Pattern.compile("\\p{Punct}");
  private static final Pattern DIGITS = Pattern.compile("[0-9]");

  /** Whether both are the same for the task. */
  public boolean same(String prediction, String reference) {
    return plain(prediction).equals(plain(reference));
  }

  private String plain(String text) {
    String plain = text;
    for (Pattern pattern : ignoredPatterns) {
      plain = pattern.matcher(plain).replaceAll("");
    }
    if (ignoreCase) {
      plain = plain.toLowerCase(Locale.ROOT);
    }
    plain = ignorePunctuation ? PUNCTUATION.matcher(plain).replaceAll("") : plain;
    return ignoreNumbers ? DIGITS.matcher(plain).replaceAll("") : plain;
  }
}
