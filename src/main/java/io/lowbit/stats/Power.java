// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * How many items a comparison needs, and how small a difference a number of items can show.
 * Quantiles and tails are the normal's; alpha is two-sided except for equivalence.
 */
public final class Power {
  private Power() {}

  /**
   * Variance of a paired difference of sampled answers (Miller 2024, arXiv 2411.00640).
   *
   * @param betweenItems ω², variance of the items' expected differences
   * @param withinBase σ²_A, variance of the base's answers to one item
   * @param withinQuant σ²_B, the same of the quantized model
   * @param answers K, answers drawn per item and model
   */
  public record PairedVariance(
      double betweenItems, double withinBase, double withinQuant, int answers) {

    /** ω² + σ²_A/K + σ²_B/K. */
    public double total() {
      return betweenItems + (withinBase + withinQuant) / answers;
    }
  }

  private static double upper(double share) {
    return -Distributions.normalQuantile(share);
  }

  /** Items that show a mean difference with the given power, (z_{α/2} + z_β)²·variance/δ². */
  public static double itemsForMean(
      double difference, PairedVariance variance, double alpha, double power) {
    double z = (upper(alpha / 2) + upper(1 - power)) / difference;
    return z * z * variance.total();
  }

  /** Smallest mean difference that n items show with the given power. */
  public static double smallestMean(
      double items, PairedVariance variance, double alpha, double power) {
    return (upper(alpha / 2) + upper(1 - power)) * Math.sqrt(variance.total() / items);
  }

  /** Power of n items against a mean difference; the far tail is neglected. */
  public static double ofMean(
      double difference, double items, PairedVariance variance, double alpha) {
    return Distributions.normalCdf(
        Math.abs(difference) / Math.sqrt(variance.total() / items) - upper(alpha / 2));
  }

  /**
   * Smallest change of accuracy that n items can show if a share of them flips, an upper bound:
   * (z_{α/2} + z_β)·√(flips/n).
   */
  public static double smallestFlipDifference(
      double items, double flipRate, double alpha, double power) {
    requireFlips(flipRate, 0);
    return (upper(alpha / 2) + upper(1 - power)) * Math.sqrt(flipRate / items);
  }

  /** Items McNemar's test needs (Connor 1987), (z_{α/2}√ψ + z_β√(ψ − δ²))²/δ². */
  public static double itemsForFlips(
      double flipRate, double difference, double alpha, double power) {
    requireFlips(flipRate, difference);
    double root =
        upper(alpha / 2) * Math.sqrt(flipRate)
            + upper(1 - power) * Math.sqrt(flipRate - difference * difference);
    return root * root / (difference * difference);
  }

  /**
   * Power of McNemar's test over n items, by enumeration of all counts of flips.
   *
   * @param midP the mid-p form of the test; else the exact one
   */
  public static double ofFlips(
      int items, double flipRate, double difference, double alpha, boolean midP) {
    requireFlips(flipRate, difference);
    double lossShare = flipRate == 0 ? 0.5 : (1 + difference / flipRate) / 2;
    double power = 0;
    for (int flips = 0; flips <= items; flips++) {
      double chance = Distributions.binomialPmf(flips, items, flipRate);
      if (chance == 0) {
        continue;
      }
      double rejected = 0;
      for (int losses = 0; losses <= flips; losses++) {
        PairedBinary table = new PairedBinary(items - flips, losses, flips - losses, 0);
        if ((midP ? table.midP() : table.exactP()) <= alpha) {
          rejected += Distributions.binomialPmf(losses, flips, lossShare);
        }
      }
      power += chance * rejected;
    }
    return power;
  }

  private static void requireFlips(double flipRate, double difference) {
    if (!(flipRate >= 0 && flipRate <= 1) || Math.abs(difference) > flipRate) {
      throw new IllegalArgumentException(
          "flips must be a share of the items and no smaller than the change of accuracy, but are"
              + " %s with a change of %s".formatted(flipRate, difference));
    }
  }

  /** Power of an equivalence test (TOST) if there is no difference, 2Φ(m√n/sd − z_α) − 1. */
  public static double ofEquivalence(
      double standardDeviation, double margin, double items, double alpha) {
    double z = margin * Math.sqrt(items) / standardDeviation - upper(alpha);
    return Math.max(0, 1 - 2 * Distributions.normalUpper(z));
  }

  /** Items an equivalence test needs if there is no difference, ((z_α + z_{β/2})·sd/m)². */
  public static double itemsForEquivalence(
      double standardDeviation, double margin, double alpha, double power) {
    double root = (upper(alpha) + upper((1 - power) / 2)) * standardDeviation / margin;
    return root * root;
  }
}
