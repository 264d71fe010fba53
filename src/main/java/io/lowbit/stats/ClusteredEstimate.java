// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;

/**
 * A number made of a task's items, with what each cluster of items adds to its error (linearised).
 * Numbers made of the same items, say of several models, are averaged and subtracted cluster by
 * cluster: what the models share counts once, not once per model.
 *
 * @param value the estimate
 * @param influence the clusters' parts of the error, by label; they sum to 0
 * @param items identifiers of the items behind it
 * @param isScore whether it is made of scores, 0 to 1 each
 */
record ClusteredEstimate(
    double value, SortedMap<String, Double> influence, SortedSet<String> items, boolean isScore) {

  /** Below this, a standard error is what rounding left of none. */
  private static final double ROUNDING = 1e-12;

  /** Mean of one finite value per item of the cell. */
  static ClusteredEstimate ofMean(Cell cell, double[] values) {
    Moments.requireFinite(cell.key().toString(), values);
    double[] parts =
        Moments.isConstant(values) ? new double[values.length] : Moments.centered(values);
    double n = values.length;
    return of(cell, Moments.mean(values), parts, part -> part / n, true);
  }

  /** Mean of quant − base; both cells have the same items. */
  static ClusteredEstimate difference(Cell base, Cell quant) {
    return ofMean(quant, Moments.difference(quant.numerators(), base.numerators()));
  }

  /** ln of a text's perplexity, in nats per unit. */
  static ClusteredEstimate lnPerplexity(Cell cell) {
    double[] nll = cell.numerators();
    double[] units = cell.units();
    double total = Moments.sum(units);
    double ratio = Moments.sum(nll) / total;
    double[] parts = new double[nll.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = nll[i] - ratio * units[i];
    }
    return of(cell, ratio, parts, part -> part / total, false);
  }

  private static ClusteredEstimate of(
      Cell cell, double value, double[] parts, DoubleUnaryOperator scale, boolean isScore) {
    SortedMap<String, Double> influence = new TreeMap<>();
    for (int i = 0; i < parts.length; i++) {
      ItemRecord item = cell.items().get(i);
      influence.merge(Cell.cluster(item), scale.applyAsDouble(parts[i]), Double::sum);
    }
    return new ClusteredEstimate(
        value,
        influence,
        cell.items().stream().map(ItemRecord::item).collect(Collectors.toCollection(TreeSet::new)),
        isScore);
  }

  /** Mean with equal weights. */
  static ClusteredEstimate mean(List<ClusteredEstimate> all) {
    return combined(all, Collections.nCopies(all.size(), 1.0 / all.size()));
  }

  /** This minus another. */
  ClusteredEstimate minus(ClusteredEstimate other) {
    return combined(List.of(this, other), List.of(1.0, -1.0));
  }

  private static ClusteredEstimate combined(List<ClusteredEstimate> all, List<Double> weights) {
    SortedMap<String, Double> influence = new TreeMap<>();
    SortedSet<String> items = new TreeSet<>();
    double value = 0;
    for (int k = 0; k < all.size(); k++) {
      double weight = weights.get(k);
      value += weight * all.get(k).value;
      all.get(k)
          .influence
          .forEach((cluster, part) -> influence.merge(cluster, weight * part, Double::sum));
      items.addAll(all.get(k).items);
    }
    return new ClusteredEstimate(value, influence, items, all.getFirst().isScore);
  }

  /**
   * CR1, √(G/(G−1)·Σu²); NaN for one cluster. Scores that do not vary at all still say only so
   * much: G of them exclude ±z²/(G + z²), the score interval of Tango (1998) without a flip, so the
   * error is z/(G + z²) for the quantile z of the level.
   */
  double standardError(double level) {
    int clusters = influence.size();
    double error =
        Perplexity.Influence.standardError(
            influence.values().stream().mapToDouble(Double::doubleValue).toArray());
    if (!isScore || !(error < ROUNDING)) {
      return error;
    }
    double z = Interval.normalQuantile(level);
    return z / (clusters + z * z);
  }

  int degreesOfFreedom() {
    return influence.size() - 1;
  }
}
