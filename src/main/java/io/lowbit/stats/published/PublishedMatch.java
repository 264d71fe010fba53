// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.published.LowBits;
import io.lowbit.results.published.PublishedFigure;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.results.published.PublishedTask;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A figure of a paper and the number here for the same model, low bits, task and metric.
 *
 * @param paper whose figure
 * @param figure as printed
 * @param task what its task means, and in what ours differs
 * @param here the number of the records
 */
public record PublishedMatch(
    PublishedPaper.Id paper, PublishedFigure figure, PublishedTask task, CellSummary here) {

  /** Everything that both have; empty if the models here are in no paper. */
  public static List<PublishedMatch> of(Comparison comparison) {
    List<PublishedMatch> matches = new ArrayList<>();
    for (PublishedPaper.Id id : PublishedPaper.Id.values()) {
      PublishedPaper paper = PublishedPaper.of(id);
      for (CellSummary cell : comparison.cells()) {
        boolean isMeant = cell.isScore() || cell.isTextPerplexity();
        if (isMeant && isOf(paper, cell.key().model())) {
          matches.addAll(of(paper, cell));
        }
      }
    }
    return List.copyOf(matches);
  }

  private static boolean isOf(PublishedPaper paper, String model) {
    return paper.models().stream().anyMatch(one -> one.isNamed(model));
  }

  private static List<PublishedMatch> of(PublishedPaper paper, CellSummary cell) {
    Optional<PublishedTask> task = Ours.task(paper, cell);
    Optional<LowBits> bits = LowBits.of(cell.example().schemeJson());
    if (task.isEmpty() || bits.isEmpty()) {
      return List.of();
    }
    return paper.figures().stream()
        .filter(figure -> figure.task().equals(task.get().task()))
        .filter(figure -> figure.metric().equals(task.get().metric()))
        .filter(figure -> !figure.scheme().isEmpty())
        .filter(figure -> paper.schemeOf(figure).bits().equals(bits.get()))
        .filter(figure ->
            paper.modelOf(figure).filter(model -> model.isNamed(cell.key().model())).isPresent())
        .map(figure -> new PublishedMatch(paper.id(), figure, task.get(), cell))
        .toList();
  }

  /** The figure in the unit of records. */
  public double value() {
    return task.inOurUnit(figure.value());
  }
}
