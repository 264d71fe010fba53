// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * Two systems, right or wrong on the same independent items.
 *
 * @param bothRight right with the base and with the quantized model
 * @param baseOnly flips right→wrong
 * @param quantOnly flips wrong→right
 * @param bothWrong wrong with both
 */
public record PairedBinary(int bothRight, int baseOnly, int quantOnly, int bothWrong) {

  /** Checks that there is an item and no negative count. */
  public PairedBinary {
    if (Math.min(Math.min(bothRight, baseOnly), Math.min(quantOnly, bothWrong)) < 0
        || (long) bothRight + baseOnly + quantOnly + bothWrong < 1) {
      throw new IllegalArgumentException(
          "a paired comparison needs counts ≥ 0 and at least one item, but got %d, %d, %d, %d"
              .formatted(bothRight, baseOnly, quantOnly, bothWrong));
    }
  }

  /** Of scores that are all 0 or 1. */
  public static PairedBinary of(double[] base, double[] quant) {
    Moments.requireSameLength(base, quant);
    int[] counts = new int[4];
    for (int i = 0; i < base.length; i++) {
      counts[wrong(base[i], i) * 2 + wrong(quant[i], i)]++;
    }
    return new PairedBinary(counts[0], counts[1], counts[2], counts[3]);
  }

  private static int wrong(double score, int item) {
    if (score != 0 && score != 1) {
      throw new IllegalArgumentException(
          "McNemar's test needs scores of 0 or 1, but item " + item + " has " + score);
    }
    return score == 1 ? 0 : 1;
  }

  /** Number of items. */
  public int n() {
    return bothRight + baseOnly + quantOnly + bothWrong;
  }

  /** Items on which the two differ. */
  public int discordant() {
    return baseOnly + quantOnly;
  }

  /** Quantized minus base accuracy. */
  public double delta() {
    return (double) (quantOnly - baseOnly) / n();
  }

  /** Share of items that flip; |delta| is never larger. */
  public double flipRate() {
    return (double) discordant() / n();
  }

  /** √((flips − Δ²)/n). */
  public double standardError() {
    return Math.sqrt((flipRate() - delta() * delta()) / n());
  }

  /** The same with n − 1: the standard error of the mean paired difference. */
  public double sampleStandardError() {
    return n() < 2 ? Double.NaN : standardError() * Math.sqrt(n() / (n() - 1.0));
  }

  /** Exact McNemar: two-sided binomial test of the flips against ½. */
  public double exactP() {
    int fewer = Math.min(baseOnly, quantOnly);
    return Math.min(1, 2 * Distributions.binomialCdf(fewer, discordant(), 0.5));
  }

  /** Mid-p McNemar, the default: exact without half of what is as extreme as seen. */
  public double midP() {
    if (discordant() == 0) {
      return 1;
    }
    double seen = Distributions.binomialPmf(Math.min(baseOnly, quantOnly), discordant(), 0.5);
    return baseOnly == quantOnly ? 1 - seen / 2 : exactP() - seen;
  }

  /** One-sided exact p of "the quantized model is worse": P(X ≥ right→wrong flips). */
  public double degradedP() {
    return Distributions.binomialCdf(quantOnly, discordant(), 0.5);
  }

  /** One-sided mid-p of "the quantized model is worse". */
  public double degradedMidP() {
    return discordant() == 0
        ? 1
        : degradedP() - Distributions.binomialPmf(baseOnly, discordant(), 0.5) / 2;
  }

  /** McNemar's χ²; NaN without flips. */
  public double chiSquared() {
    double gap = baseOnly - quantOnly;
    return discordant() == 0 ? Double.NaN : gap * gap / discordant();
  }

  /** χ² with Edwards' continuity correction; NaN without flips. */
  public double correctedChiSquared() {
    double gap = Math.abs(baseOnly - quantOnly) - 1.0;
    return discordant() == 0 ? Double.NaN : gap * gap / discordant();
  }

  /** Cohen's g: how far the larger kind of flip is from half of them. */
  public double cohensG() {
    return discordant() == 0
        ? Double.NaN
        : (double) Math.max(baseOnly, quantOnly) / discordant() - 0.5;
  }

  /** Right→wrong over wrong→right flips. */
  public double oddsRatio() {
    return discordant() == 0 ? Double.NaN : (double) baseOnly / quantOnly;
  }

  /** Interval of the odds ratio from Clopper and Pearson's of the share; none without flips. */
  public Optional<Interval> exactOddsRatioInterval(double level) {
    return discordant() == 0
        ? Optional.empty()
        : Optional.of(
            new Proportion(baseOnly, discordant()).clopperPearson(level).map(p -> p / (1 - p)));
  }

  /** Interval of the odds ratio by a normal logarithm; none if a kind of flip is absent. */
  public Optional<Interval> waldOddsRatioInterval(double level) {
    if (baseOnly == 0 || quantOnly == 0) {
      return Optional.empty();
    }
    double error = Math.sqrt(1.0 / baseOnly + 1.0 / quantOnly);
    return Optional.of(
        Interval.around(Math.log(oddsRatio()), error, Interval.normalQuantile(level), level)
            .map(Math::exp));
  }

  /** Δ ± z·SE; collapses without flips, use {@link #newcombe} there. */
  public Interval wald(double level) {
    return Interval.around(delta(), standardError(), Interval.normalQuantile(level), level);
  }

  /** Newcombe's interval of Δ (1998, method 10): Wilson's ends, joined by the correlation φ. */
  public Interval newcombe(double level) {
    Proportion base = new Proportion(bothRight + baseOnly, n());
    Proportion quant = new Proportion(bothRight + quantOnly, n());
    Interval b = base.wilson(level);
    Interval q = quant.wilson(level);
    double phi = phi();
    double low = joined(quant.value() - q.low(), b.high() - base.value(), phi);
    double high = joined(q.high() - quant.value(), base.value() - b.low(), phi);
    return new Interval(delta() - low, delta() + high, level);
  }

  private static double joined(double first, double second, double phi) {
    return Math.sqrt(Math.max(0, first * first - 2 * phi * first * second + second * second));
  }

  private double phi() {
    double right = (double) bothRight + baseOnly;
    double wrong = (double) quantOnly + bothWrong;
    double quantRight = (double) bothRight + quantOnly;
    double quantWrong = (double) baseOnly + bothWrong;
    double margins = right * wrong * quantRight * quantWrong;
    if (margins == 0) {
      return 0;
    }
    double cross = (double) bothRight * bothWrong - (double) baseOnly * quantOnly;
    // Newcombe's continuity correction applies to positive association only.
    double corrected = cross > 0 ? Math.max(cross - n() / 2.0, 0) : cross;
    return corrected / Math.sqrt(margins);
  }

  /** Score statistic of Tango (1998) for Δ = {@code difference}; standard normal if that holds. */
  public double scoreStatistic(double difference) {
    double n = n();
    double a = 2 * n;
    double b = -discordant() + (2 * n - quantOnly + baseOnly) * difference;
    double c = -baseOnly * difference * (1 - difference);
    double worse = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
    double variance = n * (2 * worse + difference * (1 - difference));
    double gap = quantOnly - baseOnly - n * difference;
    return gap == 0 ? 0 : gap / Math.sqrt(Math.max(0, variance));
  }

  /** Tango's score interval of Δ, sound also without any flip. */
  public Interval tango(double level) {
    double z = Interval.normalQuantile(level);
    return new Interval(scoreRoot(z), scoreRoot(-z), level);
  }

  private double scoreRoot(double target) {
    double low = -1;
    double high = 1;
    while (high - low > 1e-14) {
      double middle = (low + high) / 2;
      if (middle == low || middle == high) {
        break;
      }
      // The statistic falls as the supposed difference rises.
      if (scoreStatistic(middle) > target) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  /** Two one-sided tests with the normal and {@link #standardError}; undefined without flips. */
  public Equivalence equivalence(double margin) {
    return Equivalence.of(delta(), standardError(), Double.POSITIVE_INFINITY, margin);
  }

  /** Two one-sided score tests, the standard error taken at the margin; defined without flips. */
  public Equivalence scoreEquivalence(double margin) {
    Equivalence.requireMargin(margin);
    double lower = scoreStatistic(-margin);
    double upper = scoreStatistic(margin);
    return new Equivalence(
        margin, lower, Distributions.normalUpper(lower), upper, Distributions.normalCdf(upper));
  }
}
