// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.stats.Correlation;
import io.lowbit.stats.Correlation.Coefficient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Does a quantity rise or fall with the number of weights? Spearman's ρ over models.
 *
 * @param where what it looks at
 * @param quantity what low bits do
 * @param side where the finding expects ρ from zero
 */
record SizeTrendTest(Selection where, Quantity quantity, Side side) implements FindingTest {
  @Override
  public Outcome test(Observations observations) {
    Map<String, Double> byModel = Samples.of(where, quantity, observations).byModel();
    if (byModel.isEmpty()) {
      return Outcome.notTested(where.missing(observations.all()));
    }
    Map<String, Double> sizes = new HashMap<>();
    for (Observation one : observations.all()) {
      one.billions().ifPresent(size -> sizes.put(one.model(), size));
    }
    List<String> models = new ArrayList<>(byModel.keySet());
    models.retainAll(sizes.keySet());
    if (models.size() < Correlation.FEWEST_FOR_INTERVAL) {
      return Outcome.notTested(
          "a trend with size needs at least %d models; here are %d"
              .formatted(Correlation.FEWEST_FOR_INTERVAL, models.size()));
    }
    Correlation rho =
        Correlation.of(
            Coefficient.SPEARMAN,
            models.stream().mapToDouble(sizes::get).toArray(),
            models.stream().mapToDouble(byModel::get).toArray(),
            Outcome.LEVEL);
    return new Outcome(
        side.status(rho.interval(), 0),
        "Spearman's ρ of size and " + quantity.words(),
        rho.value(),
        rho.interval(),
        rho.n(),
        "models",
        side.rule(0),
        rho.notes());
  }
}
