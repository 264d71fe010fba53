// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Optional;
import org.apache.commons.math3.special.Gamma;

/**
 * Differences quant − base of scores on the same items.
 *
 * @param n number of items
 * @param clusters number of clusters; n if the items are independent
 * @param mean mean difference
 * @param standardDeviation of the differences, n − 1
 * @param naive standard error as if the items were independent
 * @param standardError the one to use: CR1 if items share clusters, else {@code naive}
 * @param correlation of the two systems' scores, NaN if one has no spread
 * @param unpaired standard error two separate samples would have had; pairing usually beats it
 * @param averageStandardDeviation root mean of the two systems' variances
 */
public record PairedDifference(
    int n,
    int clusters,
    double mean,
    double standardDeviation,
    double naive,
    double standardError,
    double correlation,
    double unpaired,
    double averageStandardDeviation) {

  /** Of finite scores, item by item. */
  public static PairedDifference of(double[] base, double[] quant, Clusters clusters) {
    double[] differences = Moments.difference(quant, base);
    ClusteredMean mean = ClusteredMean.of(differences, clusters);
    return new PairedDifference(
        mean.n(),
        mean.clusters(),
        mean.mean(),
        Moments.standardDeviation(differences),
        mean.naive(),
        clusters.shared() ? mean.cr1() : mean.naive(),
        new Pairs(base, quant).pearson(),
        Math.hypot(Moments.standardError(base), Moments.standardError(quant)),
        Math.sqrt((Moments.variance(base) + Moments.variance(quant)) / 2));
  }

  /** Of independent items. */
  public static PairedDifference of(double[] base, double[] quant) {
    return of(base, quant, Clusters.singletons(base.length));
  }

  /** Clusters − 1, which is n − 1 for independent items. */
  public int degreesOfFreedom() {
    return clusters - 1;
  }

  /** mean/standardError; NaN if the differences have no spread. */
  public double t() {
    return standardError > 0 ? mean / standardError : Double.NaN;
  }

  /** Two-sided p of "no difference" by Student's t. */
  public double p() {
    return Distributions.tTwoSided(t(), degreesOfFreedom());
  }

  /** Student's interval of the difference; none below two clusters. */
  public Optional<Interval> interval(double level) {
    return degreesOfFreedom() < 1
        ? Optional.empty()
        : Optional.of(
            Interval.around(
                mean, standardError, Interval.tQuantile(level, degreesOfFreedom()), level));
  }

  /** Two one-sided t tests against ±margin. */
  public Equivalence equivalence(double margin) {
    return Equivalence.of(mean, standardError, degreesOfFreedom(), margin);
  }

  /** Cohen's d of the differences, mean/sd. */
  public double cohensDz() {
    return mean / standardDeviation;
  }

  /** Cohen's d against the systems' own spread, mean over the average standard deviation. */
  public double cohensDav() {
    return mean / averageStandardDeviation;
  }

  /** d_z with Hedges' exact correction for small samples. */
  public double hedgesGz() {
    double half = (n - 1) / 2.0;
    return cohensDz()
        * Math.exp(Gamma.logGamma(half) - Gamma.logGamma(half - 0.5))
        / Math.sqrt(half);
  }
}
