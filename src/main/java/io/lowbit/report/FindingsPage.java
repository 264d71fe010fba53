// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.stats.Findings;
import io.lowbit.stats.ProxyFit;
import java.util.List;

/** Puts the three answers into words. */
final class FindingsPage {
  private FindingsPage() {}

  /** The first screen; what its charts draw goes into the data. */
  static FindingsView of(Findings findings, List<ProxyFit> fits, ChartData data) {
    FindingsCharts charts = new FindingsCharts(findings, fits, data);
    BitsWords bits = new BitsWords(findings);
    PerplexityWords perplexity = new PerplexityWords(findings, fits);
    SizeWords size = new SizeWords(findings);
    return new FindingsView(
        List.of(
            bits.card(), perplexity.card(charts.smallPerplexity()), size.card(charts.smallSize())),
        List.of(
            bits.detail(charts.bits()),
            perplexity.detail(charts.perplexity()),
            size.detail(charts.size())));
  }
}
