// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.published.Finding;
import io.lowbit.stats.published.Outcome;
import io.lowbit.stats.published.Reproduction;
import java.util.List;

/**
 * A reproduction as JSON holds it: findings in words, and outcomes; not how a test is put together.
 */
record ReproductionJson(
    PublishedPaper.Id paper, String citation, String data, List<Tested> findings) {

  /** A finding and its outcome. */
  record Tested(
      String id, Finding.Origin origin, String sentence, String compares, Outcome outcome) {}

  static ReproductionJson of(Reproduction reproduction) {
    return new ReproductionJson(
        reproduction.paper(),
        reproduction.paper().citation(),
        reproduction.data(),
        reproduction.results().stream()
            .map(one ->
                new Tested(
                    one.finding().id(),
                    one.finding().origin(),
                    one.finding().sentence(),
                    one.finding().compares(),
                    one.outcome()))
            .toList());
  }
}
