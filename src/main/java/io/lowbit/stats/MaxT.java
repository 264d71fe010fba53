// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.stream.IntStream;

/**
 * Westfall and Young's max-T: adjusted p-values that know how the tests depend on each other.
 *
 * @param singleStep against the largest |t| of all tests
 * @param stepDown against the largest |t| of the tests not more significant, made monotone
 */
public record MaxT(double[] singleStep, double[] stepDown) {
  private static final double TIE = 1e-12;

  /**
   * Of the statistics seen and those of permuted data.
   *
   * @param permuted [permutations][tests]
   */
  public static MaxT of(double[] observed, double[][] permuted) {
    int tests = observed.length;
    int[] ascending =
        Ranks.order(IntStream.range(0, tests).mapToDouble(i -> Math.abs(observed[i])).toArray());
    int[] single = new int[tests];
    int[] stepped = new int[tests];
    for (double[] row : permuted) {
      double max = 0;
      for (int i : ascending) {
        max = Math.max(max, Math.abs(row[i]));
        stepped[i] += max >= Math.abs(observed[i]) - TIE ? 1 : 0;
      }
      for (int i = 0; i < tests; i++) {
        single[i] += max >= Math.abs(observed[i]) - TIE ? 1 : 0;
      }
    }
    double draws = permuted.length + 1.0;
    double[] singleStep = IntStream.of(single).mapToDouble(k -> (k + 1) / draws).toArray();
    double[] stepDown = IntStream.of(stepped).mapToDouble(k -> (k + 1) / draws).toArray();
    for (int rank = tests - 2; rank >= 0; rank--) {
      int i = ascending[rank];
      stepDown[i] = Math.max(stepDown[i], stepDown[ascending[rank + 1]]);
    }
    return new MaxT(singleStep, stepDown);
  }
}
