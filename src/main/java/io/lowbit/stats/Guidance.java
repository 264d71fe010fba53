// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import io.lowbit.results.ItemRecord;
import java.util.List;

/**
 * What to do with the findings: what to use, what noise looks like, and what the figures draw. A
 * pure function of the records, whatever their order.
 *
 * @param recommendation what to use for each type of task and memory
 * @param floors the same schemes in two arithmetics
 * @param fits score on ln perplexity, pooled and within models
 * @param trends what schemes cost models of different sizes
 * @param curves scores by length, depth and other traits of items
 */
public record Guidance(
    Recommendation recommendation,
    List<NullFloor> floors,
    List<ProxyFit> fits,
    List<SizeTrend> trends,
    List<TraitCurve> curves) {

  /**
   * From the records that were compared.
   *
   * @param budgetBytes memory for all weights; if empty the sizes of the baselines
   */
  public static Guidance of(
      List<ItemRecord> records, Comparison comparison, List<Long> budgetBytes) {
    Comparison.Settings settings = comparison.settings();
    TaskPools pools = new TaskPools(Cell.of(records), comparison.baselines(), settings.level());
    Configurations configurations = Configurations.of(pools, settings.level());
    PerplexityAnswer perplexity = PerplexityAnswer.of(configurations, settings.level());
    return new Guidance(
        Recommendation.of(pools, configurations, settings, budgetBytes),
        NullFloor.of(pools, settings.level()),
        perplexity.isPooledMeaningful()
            ? ProxyFit.of(perplexity.correlation().points(), settings.level())
            : ProxyFit.within(perplexity.correlation().points(), settings.level()),
        SizeTrend.of(pools, configurations, settings.level()),
        TraitCurve.of(pools, settings.level()));
  }
}
