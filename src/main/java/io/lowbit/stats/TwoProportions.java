// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Two systems' shares of right answers on separate items. Where both answered the same items, use
 * {@link PairedBinary}: pairing is nearly always the sharper test.
 *
 * @param first one system's right answers
 * @param second the other's
 */
public record TwoProportions(Proportion first, Proportion second) {

  /** Probabilities this close count as equal in Fisher's test. */
  private static final double TIE = 1e-7;

  /** First share minus second. */
  public double difference() {
    return first.value() - second.value();
  }

  /** Cohen's h, 2·asin√p₁ − 2·asin√p₂: a difference that means as much near 0 and 1 as near ½. */
  public double cohensH() {
    return 2 * Math.asin(Math.sqrt(first.value())) - 2 * Math.asin(Math.sqrt(second.value()));
  }

  /** Standard error of the difference, each system with its own variance. */
  public double standardError() {
    return Math.hypot(first.standardError(), second.standardError());
  }

  /** Newcombe's interval from the two Wilson intervals (1998, method 10). */
  public Interval newcombe(double level) {
    Interval one = first.wilson(level);
    Interval two = second.wilson(level);
    double below = Math.hypot(first.value() - one.low(), two.high() - second.value());
    double above = Math.hypot(one.high() - first.value(), second.value() - two.low());
    return new Interval(difference() - below, difference() + above, level);
  }

  /** Difference ± z·SE; too narrow for few items, and empty where both shares are 0 or 1. */
  public Interval wald(double level) {
    return Interval.around(difference(), standardError(), Interval.normalQuantile(level), level);
  }

  /** Two-sided p of "equal shares" by the normal with the pooled share; NaN without variance. */
  public double pooledP() {
    double pooled =
        (double) (first.successes() + second.successes()) / ((double) first.n() + second.n());
    double variance = pooled * (1 - pooled) * (1.0 / first.n() + 1.0 / second.n());
    return variance > 0
        ? Distributions.normalTwoSided(difference() / Math.sqrt(variance))
        : Double.NaN;
  }

  /**
   * Fisher's exact two-sided p: all tables with the same margins that are no likelier than this.
   */
  public double fisherP() {
    int right = first.successes() + second.successes();
    int lowest = Math.max(0, right - second.n());
    int highest = Math.min(right, first.n());
    double[] weights = new double[highest - lowest + 1];
    int peak =
        (int) (((double) right + 1) * (first.n() + 1) / ((double) first.n() + second.n() + 2));
    peak = Math.max(lowest, Math.min(highest, peak));
    // Ratios of neighbours, outward from the likeliest table: nothing overflows, tails keep digits.
    weights[peak - lowest] = 1;
    for (int k = peak; k < highest; k++) {
      weights[k + 1 - lowest] = weights[k - lowest] * ratio(k, right);
    }
    for (int k = peak; k > lowest; k--) {
      weights[k - 1 - lowest] = weights[k - lowest] / ratio(k - 1, right);
    }
    double seen = weights[first.successes() - lowest] * (1 + TIE);
    double[] extreme = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      extreme[i] = weights[i] <= seen ? weights[i] : 0;
    }
    return Math.min(1, Moments.sum(extreme) / Moments.sum(weights));
  }

  /** P(k + 1 right answers are the first system's) over P(k). */
  private double ratio(int k, int right) {
    return ((double) first.n() - k)
        / (k + 1.0)
        * ((double) right - k)
        / ((double) second.n() - right + k + 1);
  }

  /** Whether a cell of the table is empty; ½ is then added to every cell of the odds ratio. */
  public boolean hasEmptyCell() {
    return first.successes() == 0
        || second.successes() == 0
        || first.successes() == first.n()
        || second.successes() == second.n();
  }

  private double[] cells() {
    double add = hasEmptyCell() ? 0.5 : 0;
    return new double[] {
      first.successes() + add,
      first.n() - first.successes() + add,
      second.successes() + add,
      second.n() - second.successes() + add
    };
  }

  /** Odds of the first over odds of the second. */
  public double oddsRatio() {
    double[] cells = cells();
    return cells[0] / cells[1] * cells[3] / cells[2];
  }

  /** Woolf's interval of the odds ratio, symmetric on the logarithm. */
  public Interval oddsRatioInterval(double level) {
    double variance = 0;
    for (double cell : cells()) {
      variance += 1 / cell;
    }
    return Interval.around(
            Math.log(oddsRatio()), Math.sqrt(variance), Interval.normalQuantile(level), level)
        .map(Math::exp);
  }

  /** Two one-sided normal tests against ±margin; conservative where items are in fact shared. */
  public Equivalence equivalence(double margin) {
    return Equivalence.of(difference(), standardError(), Double.POSITIVE_INFINITY, margin);
  }
}
