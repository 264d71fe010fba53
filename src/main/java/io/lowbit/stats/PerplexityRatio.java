// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;

/**
 * Two perplexities on the same text, compared piece by piece.
 *
 * @param base perplexity of the base
 * @param quant perplexity of the quantized model
 * @param covariance of the two logarithms, which pairing takes out
 * @param lnRatio ln quant − ln base
 * @param lnStandardError CR1 standard error of {@code lnRatio}; equals √(SE_q² + SE_b² − 2cov). NaN
 *     for one cluster
 * @param differenceStandardError standard error of {@link #difference} by the delta method
 */
public record PerplexityRatio(
    Perplexity base,
    Perplexity quant,
    double covariance,
    double lnRatio,
    double lnStandardError,
    double differenceStandardError) {

  /**
   * Of sums per item, in the same order, and the items' clusters.
   *
   * @param units tokens, words or bytes of each item, the same for both
   */
  public static PerplexityRatio of(
      double[] nllBase, double[] nllQuant, double[] units, Clusters clusters) {
    double[] b = Perplexity.Influence.of(nllBase, units, clusters).perCluster();
    double[] q = Perplexity.Influence.of(nllQuant, units, clusters).perCluster();
    double count = clusters.count();
    Perplexity base = Perplexity.of(nllBase, units, clusters);
    Perplexity quant = Perplexity.of(nllQuant, units, clusters);
    double[] differences = new double[b.length];
    for (int c = 0; c < b.length; c++) {
      differences[c] = quant.value() * q[c] - base.value() * b[c];
    }
    return new PerplexityRatio(
        base,
        quant,
        count < 2 ? Double.NaN : count / (count - 1) * Moments.dot(b, q),
        Moments.sum(Moments.difference(nllQuant, nllBase)) / Moments.sum(units),
        Perplexity.Influence.standardError(Moments.difference(q, b)),
        Perplexity.Influence.standardError(differences));
  }

  /** Of single tokens taken as independent. */
  public static PerplexityRatio of(double[] tokenNllBase, double[] tokenNllQuant) {
    int n = tokenNllBase.length;
    return of(tokenNllBase, tokenNllQuant, Perplexity.ones(n), Clusters.singletons(n));
  }

  /** Perplexity of the quantized model over the base's; above 1 is worse. */
  public double ratio() {
    return Math.exp(lnRatio);
  }

  /** Standard error of the ratio by the delta method. */
  public double ratioStandardError() {
    return ratio() * lnStandardError;
  }

  /** Correlation of the two logarithms' errors. */
  public double correlation() {
    return covariance / (base.lnStandardError() * quant.lnStandardError());
  }

  /** Difference of the perplexities. */
  public double difference() {
    return quant.value() - base.value();
  }

  /** exp(lnRatio ± t(G−1)·SE); none for one cluster. */
  public Optional<Interval> interval(double level) {
    return lnInterval(level).map(ln -> ln.map(Math::exp));
  }

  /** Interval of lnRatio; none for one cluster. */
  public Optional<Interval> lnInterval(double level) {
    return Perplexity.lnInterval(lnRatio, lnStandardError, base.clusters(), level);
  }

  /** Two-sided p of "the same perplexity" by Student's t; NaN if nothing varies. */
  public double p() {
    return lnStandardError > 0
        ? Distributions.tTwoSided(lnRatio / lnStandardError, base.clusters() - 1)
        : Double.NaN;
  }

  /** Two one-sided tests of −lnRatio (so that negative is worse) against ±margin, in nats. */
  public Equivalence equivalence(double margin) {
    return Equivalence.of(-lnRatio, lnStandardError, base.clusters() - 1, margin);
  }
}
