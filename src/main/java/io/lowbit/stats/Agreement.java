// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Agreement of two raters, or of two models' answers, beyond chance. */
public final class Agreement {
  private Agreement() {}

  /** Cohen's κ, unweighted; NaN where chance alone would agree always. */
  public static double kappa(List<String> first, List<String> second) {
    if (first.size() != second.size() || first.isEmpty()) {
      throw new IllegalArgumentException(
          "agreement needs two ratings of each item, but got %d and %d"
              .formatted(first.size(), second.size()));
    }
    Map<String, Integer> a = new HashMap<>();
    Map<String, Integer> b = new HashMap<>();
    double same = 0;
    double n = first.size();
    for (int i = 0; i < first.size(); i++) {
      a.merge(first.get(i), 1, Integer::sum);
      b.merge(second.get(i), 1, Integer::sum);
      same += first.get(i).equals(second.get(i)) ? 1 : 0;
    }
    double chance = 0;
    for (Map.Entry<String, Integer> label : a.entrySet()) {
      chance += label.getValue() / n * (b.getOrDefault(label.getKey(), 0) / n);
    }
    return chance == 1 ? Double.NaN : (same / n - chance) / (1 - chance);
  }
}
