// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

/**
 * Successes out of n. {@link #wilson} is the interval to print; Wald's is here for comparison with
 * other programs only (too narrow below some hundred items, Bowyer et al. 2025).
 *
 * @param successes number of right items
 * @param n number of items, at least 1
 */
public record Proportion(int successes, int n) {

  /** Checks 0 ≤ successes ≤ n, 1 ≤ n. */
  public Proportion {
    if (n < 1 || successes < 0 || successes > n) {
      throw new IllegalArgumentException(
          "a proportion needs 0 ≤ successes ≤ n and n ≥ 1, but got " + successes + " of " + n);
    }
  }

  /** Share of successes. */
  public double value() {
    return (double) successes / n;
  }

  /** √(p(1−p)/n). */
  public double standardError() {
    return Math.sqrt(value() * (1 - value()) / n);
  }

  /** √(p(1−p)/(n−1)), what lm-eval prints; NaN for one item. */
  public double sampleStandardError() {
    return n < 2 ? Double.NaN : Math.sqrt(value() * (1 - value()) / (n - 1));
  }

  /** Wilson's score interval (1927). */
  public Interval wilson(double level) {
    double z = Interval.normalQuantile(level);
    double shrink = 1 + z * z / n;
    double center = (value() + z * z / (2.0 * n)) / shrink;
    double half = z * Math.sqrt(value() * (1 - value()) / n + z * z / (4.0 * n * n)) / shrink;
    double low = successes == 0 ? 0 : center - half;
    double high = successes == n ? 1 : center + half;
    return new Interval(low, high, level);
  }

  /** Clopper and Pearson's exact interval (1934). */
  public Interval clopperPearson(double level) {
    double tail = (1 - level) / 2;
    int failures = n - successes;
    double low = successes == 0 ? 0 : Distributions.betaQuantile(tail, successes, failures + 1.0);
    // The upper end through the failures, so that the small tail keeps its digits.
    double high =
        failures == 0 ? 1 : 1 - Distributions.betaQuantile(tail, failures, successes + 1.0);
    return new Interval(low, high, level);
  }

  /**
   * Jeffreys' interval from the beta distribution, as statsmodels gives it (Brown et al. 2001 set
   * the ends to 0 and 1 at no or all successes).
   */
  public Interval jeffreys(double level) {
    double tail = (1 - level) / 2;
    double right = successes + 0.5;
    double wrong = n - successes + 0.5;
    return new Interval(
        Distributions.betaQuantile(tail, right, wrong),
        1 - Distributions.betaQuantile(tail, wrong, right),
        level);
  }

  /** p ± z·SE, cut to [0, 1]. */
  public Interval wald(double level) {
    return clipped(value(), standardError(), level);
  }

  /** Agresti and Coull's interval (1998), cut to [0, 1]. */
  public Interval agrestiCoull(double level) {
    double z = Interval.normalQuantile(level);
    double items = n + z * z;
    double center = (successes + z * z / 2) / items;
    return clipped(center, Math.sqrt(center * (1 - center) / items), level);
  }

  private static Interval clipped(double center, double standardError, double level) {
    return Interval.around(center, standardError, Interval.normalQuantile(level), level)
        .map(end -> Math.max(0, Math.min(1, end)));
  }
}
