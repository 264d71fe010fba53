// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The configurations that no other one beats in size and quality at once. */
final class ParetoFront {
  private ParetoFront() {}

  /**
   * The front, smallest first. Of equal ones all stay, in the order given.
   *
   * @param quality more is better; a NaN is left out
   */
  static List<Configuration> of(List<Configuration> all, ToDoubleFunction<Configuration> quality) {
    List<Configuration> sorted =
        all.stream()
            .filter(one -> !Double.isNaN(quality.applyAsDouble(one)))
            .sorted(
                Comparator.comparingDouble(Configuration::megabytes)
                    .thenComparingDouble(one -> -quality.applyAsDouble(one)))
            .toList();
    List<Configuration> front = new ArrayList<>();
    double best = Double.NEGATIVE_INFINITY;
    double size = Double.NaN;
    for (Configuration one : sorted) {
      double value = quality.applyAsDouble(one);
      if (value > best || (value == best && one.megabytes() == size)) {
        front.add(one);
        best = value;
        size = one.megabytes();
      }
    }
    return List.copyOf(front);
  }
}
