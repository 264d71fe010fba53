// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.published.PublishedMatch;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What papers print beside what was measured here, ready to be set. */
final class PublishedRows {
  private PublishedRows() {}

  static List<Page.PublishedRow> of(Comparison comparison) {
    return PublishedMatch.of(comparison).stream().map(PublishedRows::row).toList();
  }

  private static Page.PublishedRow row(PublishedMatch match) {
    CellSummary here = match.here();
    Metric metric = here.metric();
    String difference =
        here.isTextPerplexity()
            ? Figures.ratio(here.value() / match.value())
            : Figures.points(here.value() - match.value());
    return new Page.PublishedRow(
        here.key().model(),
        here.key().task() + " " + metric.name(),
        here.key().scheme(),
        Figures.value(metric, here.value()),
        Figures.interval(metric, here.interval()),
        match.figure().scheme(),
        Figures.value(metric, match.value()),
        match.paper().text() + ", " + match.figure().source(),
        difference,
        Stream.of(
                match.figure().detail(),
                match.task().note(),
                "here: " + here.example().protocol(),
                match.figure().note())
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; ")));
  }
}
