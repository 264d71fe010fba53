// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import io.lowbit.results.ItemRecord;
import io.lowbit.results.published.LowBits;
import io.lowbit.results.published.PublishedFigure;
import io.lowbit.results.published.PublishedModel;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.results.published.PublishedTask;
import io.lowbit.stats.CellSummary;
import io.lowbit.stats.Comparison;
import io.lowbit.stats.published.Observation.Score;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Everything that was measured, with the number without low bits that each is compared with.
 *
 * @param all one per model, scheme, task, metric and part
 * @param full value of a model's score without low bits
 */
public record Observations(List<Observation> all, Map<Full, Double> full) {

  /** Names a value without low bits. */
  public record Full(String model, Score score) {}

  private static Observations of(List<Observation> all) {
    Map<Full, Double> full = new HashMap<>();
    for (Observation one : all) {
      if (one.bits().isFull()) {
        // Where a source prints the same number twice, differently, the first one counts.
        full.putIfAbsent(new Full(one.model(), one.score()), one.value());
      }
    }
    return new Observations(List.copyOf(all), Map.copyOf(full));
  }

  /** What a paper measured. */
  public static Observations of(PublishedPaper paper) {
    List<Observation> all = new ArrayList<>();
    for (PublishedFigure figure : paper.figures()) {
      Optional<PublishedModel> model = paper.modelOf(figure);
      Optional<PublishedTask> task = paper.taskOf(figure);
      if (model.isPresent() && task.isPresent()) {
        all.add(observation(paper, figure, model.get(), task.get()));
      }
    }
    return of(all);
  }

  private static Observation observation(
      PublishedPaper paper, PublishedFigure figure, PublishedModel model, PublishedTask task) {
    OptionalDouble chance = task.chance();
    return new Observation(
        model.checkpoints().getFirst(),
        OptionalDouble.of(model.billions()),
        figure.printed(),
        paper.schemeOf(figure).bits(),
        figure.task(),
        figure.metric(),
        figure.detail(),
        task.type(),
        task.inOurUnit(figure.value()),
        task.isShare(),
        chance.isPresent()
            ? OptionalDouble.of(task.inOurUnit(chance.getAsDouble()))
            : OptionalDouble.empty(),
        task.higherIsBetter());
  }

  /**
   * What records say of the score and the perplexity of each task; a task that the paper has is
   * called as there. Packed checkpoints and formats without one number of bits are left out.
   */
  public static Observations of(Comparison comparison, PublishedPaper paper) {
    List<Observation> all = new ArrayList<>();
    for (CellSummary cell : comparison.cells()) {
      Optional<LowBits> bits = LowBits.of(cell.example().schemeJson());
      boolean isMeant = cell.isScore() || cell.isTextPerplexity();
      if (isMeant && bits.isPresent() && Double.isFinite(cell.value())) {
        all.add(observation(cell, bits.get(), paper));
      }
    }
    return of(all);
  }

  private static Observation observation(CellSummary cell, LowBits bits, PublishedPaper paper) {
    ItemRecord example = cell.example();
    Optional<PublishedTask> task = Ours.task(paper, cell);
    double chance = cell.metric().chance();
    return new Observation(
        example.model(),
        OptionalDouble.of(example.modelParameters() / 1e9),
        example.scheme(),
        bits,
        task.map(PublishedTask::task).orElse(Ours.name(example.task())),
        task.map(PublishedTask::metric).orElse(cell.metric().name()),
        "",
        cell.isTextPerplexity() ? "perplexity" : example.taskType(),
        cell.value(),
        cell.metric().isShare(),
        Double.isNaN(chance) ? OptionalDouble.empty() : OptionalDouble.of(chance),
        cell.metric().higherIsBetter());
  }

  /** The value of the same score without low bits. */
  OptionalDouble fullOf(Observation one) {
    Double value = full.get(new Full(one.model(), one.score()));
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
