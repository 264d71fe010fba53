// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which items a report carries to be looked at one by one. */
public enum SamplesShown {
  /** Those whose answer turned right or wrong under a scheme, up to a limit. */
  FLIPS,
  /** Every item, whatever the size of the file. */
  ALL,
  /** None. */
  NONE;

  /** As typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The choice of a word.
   *
   * @throws IllegalArgumentException if there is none, with those that there are
   */
  public static SamplesShown of(String word) {
    return Arrays.stream(values())
        .filter(shown -> shown.word().equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "'%s' is no choice of samples; take %s"
                    .formatted(
                        word,
                        Arrays.stream(values())
                            .map(SamplesShown::word)
                            .collect(Collectors.joining(", ")))));
  }
}
