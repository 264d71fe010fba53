// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Agreement of two models on their most likely next tokens. */
public final class TopTokens {
  private TopTokens() {}

  /** Share of the k most likely tokens that both have; ties go to the lower token number. */
  public static double overlap(double[] baseLogits, double[] quantLogits, int k) {
    Moments.requireSameLength(baseLogits, quantLogits);
    Set<Integer> both = top(baseLogits, k);
    both.retainAll(top(quantLogits, k));
    return (double) both.size() / k;
  }

  private static Set<Integer> top(double[] logits, int k) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logits[i]))
        .limit(k)
        .collect(Collectors.toSet());
  }
}
