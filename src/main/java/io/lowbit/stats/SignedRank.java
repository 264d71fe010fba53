// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;

/**
 * Wilcoxon's signed-rank test of paired differences.
 *
 * @param positive rank sum of the positive differences
 * @param negative rank sum of the negative differences
 * @param z (min − mean)/sd with tie correction, at most 0
 * @param correctedZ the same with the continuity correction
 */
public record SignedRank(double positive, double negative, double z, double correctedZ) {

  /** What to do with zero differences. */
  public enum Zeros {
    /** Drop them first (Wilcoxon). */
    DROP,
    /** Rank them, then drop their ranks (Pratt 1959). */
    RANK_AND_DROP,
    /** Rank them and give half of their ranks to each side. */
    SPLIT
  }

  /** Of differences that are not all zero. */
  public static SignedRank of(double[] differences, Zeros zeros) {
    double[] kept =
        zeros == Zeros.DROP
            ? Arrays.stream(differences).filter(d -> d != 0).toArray()
            : differences;
    double[] sizes = Arrays.stream(kept).map(Math::abs).toArray();
    double[] ranks = Ranks.of(sizes);
    double positive = 0;
    double negative = 0;
    double zeroRanks = 0;
    double zeroCount = 0;
    for (int i = 0; i < kept.length; i++) {
      if (kept[i] > 0) {
        positive += ranks[i];
      } else if (kept[i] < 0) {
        negative += ranks[i];
      } else {
        zeroRanks += ranks[i];
        zeroCount++;
      }
    }
    if (zeroCount == differences.length) {
      throw new IllegalArgumentException(
          "the signed-rank test needs a difference that is not zero, but all are");
    }
    double n = kept.length;
    double mean = n * (n + 1) / 4;
    double variance = n * (n + 1) * (2 * n + 1);
    double tied = ties(sizes, zeros == Zeros.RANK_AND_DROP);
    if (zeros == Zeros.RANK_AND_DROP) {
      mean -= zeroCount * (zeroCount + 1) / 4;
      variance -= zeroCount * (zeroCount + 1) * (2 * zeroCount + 1);
    } else if (zeros == Zeros.SPLIT) {
      positive += zeroRanks / 2;
      negative += zeroRanks / 2;
    }
    double sd = Math.sqrt((variance - tied / 2) / 24);
    double gap = Math.min(positive, negative) - mean;
    double corrected = gap - Math.signum(gap) * 0.5;
    return new SignedRank(positive, negative, gap / sd, corrected / sd);
  }

  /** Σ(t³ − t) over groups of equal sizes, those of zero left out on demand. */
  private static double ties(double[] sizes, boolean withoutZeros) {
    double[] counted = withoutZeros ? Arrays.stream(sizes).filter(s -> s != 0).toArray() : sizes;
    double sum = 0;
    for (double t : Ranks.tieSizes(counted)) {
      sum += t * t * t - t;
    }
    return sum;
  }

  /** The smaller rank sum. */
  public double statistic() {
    return Math.min(positive, negative);
  }

  /** Two-sided p by the normal, without continuity correction. */
  public double p() {
    return Distributions.normalTwoSided(z);
  }

  /** Two-sided p by the normal with continuity correction. */
  public double correctedP() {
    return Distributions.normalTwoSided(correctedZ);
  }

  /** (positive − negative)/(positive + negative). */
  public double rankBiserial() {
    return (positive - negative) / (positive + negative);
  }

  /**
   * Exact two-sided p over all sign assignments of the mid-ranks, zeros dropped; right with ties.
   */
  public static double exactP(double[] differences) {
    double[] kept = Arrays.stream(differences).filter(d -> d != 0).toArray();
    double[] ranks = Ranks.of(Arrays.stream(kept).map(Math::abs).toArray());
    int total = kept.length * (kept.length + 1);
    // share[s]: part of the sign assignments whose positive mid-ranks, doubled, sum to s.
    double[] share = new double[total + 1];
    share[0] = 1;
    int seen = 0;
    for (int i = 0; i < kept.length; i++) {
      int doubled = (int) Math.round(2 * ranks[i]);
      seen += kept[i] > 0 ? doubled : 0;
      for (int s = total; s >= 0; s--) {
        share[s] = (share[s] + (s >= doubled ? share[s - doubled] : 0)) / 2;
      }
    }
    double extreme = 0;
    for (int s = 0; s <= total; s++) {
      if (Math.abs(2 * s - total) >= Math.abs(2 * seen - total)) {
        extreme += share[s];
      }
    }
    return Math.min(1, extreme);
  }
}
