// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Arrays;
import java.util.Optional;

/**
 * exp(Σ negative log-likelihood / Σ units) with a standard error of its logarithm that allows for
 * dependence inside clusters (windows, documents). The units are tokens, words, bytes or documents.
 *
 * @param lnValue logarithm of the perplexity, in nats per unit
 * @param lnStandardError its CR1 standard error; with one token per item and no clusters this is
 *     √((mean ℓ² − (mean ℓ)²)/(n−1)). NaN for one cluster
 * @param clusters number of independent pieces
 * @param units Σ units
 */
public record Perplexity(double lnValue, double lnStandardError, int clusters, double units) {

  /** Of sums per item (window, document) and the items' clusters. */
  public static Perplexity of(double[] nll, double[] units, Clusters clusters) {
    Influence influence = Influence.of(nll, units, clusters);
    return of(influence, clusters.count(), Moments.sum(units));
  }

  /** Of single tokens taken as independent. */
  public static Perplexity of(double[] tokenNll) {
    return of(tokenNll, ones(tokenNll.length), Clusters.singletons(tokenNll.length));
  }

  private static Perplexity of(Influence influence, int clusters, double units) {
    return new Perplexity(
        influence.ratio(), Influence.standardError(influence.perCluster()), clusters, units);
  }

  static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The perplexity. */
  public double value() {
    return Math.exp(lnValue);
  }

  /** Its standard error by the delta method. */
  public double standardError() {
    return value() * lnStandardError;
  }

  /** exp(ln ± t(G−1)·SE); none for one cluster. */
  public Optional<Interval> interval(double level) {
    return lnInterval(lnValue, lnStandardError, clusters, level).map(ln -> ln.map(Math::exp));
  }

  static Optional<Interval> lnInterval(double ln, double error, int clusters, double level) {
    return clusters < 2
        ? Optional.empty()
        : Optional.of(Interval.around(ln, error, Interval.tQuantile(level, clusters - 1), level));
  }

  /**
   * Linearised ratio of sums: what each cluster adds to the error of Σnll/Σunits.
   *
   * @param ratio Σnll/Σunits
   * @param perCluster Σ_{i∈c}(nll_i − ratio·units_i)/Σunits
   */
  record Influence(double ratio, double[] perCluster) {

    static Influence of(double[] nll, double[] units, Clusters clusters) {
      Moments.requireSameLength(nll, units);
      Moments.requireFinite("nll", nll);
      double total = Moments.sum(units);
      if (!(total > 0)) {
        throw new IllegalArgumentException(
            "a perplexity needs at least one token, word or byte, but the items have " + total);
      }
      double ratio = Moments.sum(nll) / total;
      double[] residuals = new double[nll.length];
      for (int i = 0; i < nll.length; i++) {
        residuals[i] = (nll[i] - ratio * units[i]) / total;
      }
      return new Influence(ratio, clusters.sums(residuals));
    }

    /** CR1: √(G/(G−1)·Σu²); NaN for one cluster. */
    static double standardError(double[] perCluster) {
      double count = perCluster.length;
      return count < 2
          ? Double.NaN
          : Math.sqrt(count / (count - 1) * Moments.dot(perCluster, perCluster));
    }
  }
}
