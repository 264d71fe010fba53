// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.published.PublishedPaper;
import io.lowbit.results.published.PublishedTask;
import io.lowbit.stats.CellSummary;
import java.util.Optional;

/** Which of a paper's tasks a result of ours belongs to. */
final class Ours {
  private Ours() {}

  /** A task's name without the number of examples that records put behind it. */
  static String name(String recorded) {
    return recorded.replaceFirst(" \\(.*$", "");
  }

  /** The paper's task of the same name and metric. */
  static Optional<PublishedTask> task(PublishedPaper paper, CellSummary cell) {
    String task = name(cell.example().task());
    String metric = cell.isTextPerplexity() ? "" : cell.metric().name();
    return paper.tasks().stream()
        .filter(one -> one.ours().equals(task) && one.ourMetric().equals(metric))
        .findFirst();
  }
}
