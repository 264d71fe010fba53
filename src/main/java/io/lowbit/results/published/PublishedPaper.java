// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A paper's figures and what its names mean.
 *
 * @param id {@code jin2024} or {@code li2024}
 * @param figures every number, in the order of the source
 * @param models what each name of a model means
 * @param schemes what each name of a scheme means
 * @param tasks what each task and metric mean
 */
public record PublishedPaper(
    Id id,
    List<PublishedFigure> figures,
    List<PublishedModel> models,
    List<PublishedScheme> schemes,
    List<PublishedTask> tasks) {

  private static final Map<Id, PublishedPaper> READ = new ConcurrentHashMap<>();

  /** The papers whose figures ship with the program. */
  public enum Id {
    /** Jin et al. 2024. */
    JIN2024(
        "Jin et al. 2024, A Comprehensive Evaluation of Quantization Strategies for Large Language"
            + " Models (arXiv 2402.16775)"),
    /** Li et al. 2024. */
    LI2024("Li et al. 2024, Evaluating Quantized Large Language Models (arXiv 2402.18158)");

    private final String citation;

    Id(String citation) {
      this.citation = citation;
    }

    /** Authors, year, title and number. */
    public String citation() {
      return citation;
    }

    /** As files and commands call it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Reads a paper once; the tables ship with the program. */
  public static PublishedPaper of(Id id) {
    return READ.computeIfAbsent(
        id,
        _ ->
            new PublishedPaper(
                id,
                Table.read(id.text() + ".csv").stream().map(PublishedFigure::of).toList(),
                read("models.csv", id, PublishedModel::of),
                read("schemes.csv", id, PublishedScheme::of),
                read("tasks.csv", id, PublishedTask::of)));
  }

  private static <T> List<T> read(String file, Id id, Function<Table.Line, T> of) {
    return Table.read(file).stream()
        .filter(line -> line.text("paper").equals(id.text()))
        .map(of)
        .toList();
  }

  /** What a figure's model is; empty for figures over several models. */
  public Optional<PublishedModel> modelOf(PublishedFigure figure) {
    List<PublishedModel> named =
        models.stream().filter(model -> model.name().equals(figure.model())).toList();
    return named.stream()
        .filter(model -> model.tasks().contains(figure.task()))
        .findFirst()
        .or(() -> named.stream().filter(model -> model.tasks().isEmpty()).findFirst());
  }

  /** What a figure's scheme is. */
  public PublishedScheme schemeOf(PublishedFigure figure) {
    return schemes.stream()
        .filter(scheme -> scheme.printed().equals(figure.printed()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "schemes.csv: it does not say what '%s' of %s is; add a line"
                    .formatted(figure.printed(), id.text())));
  }

  /** What a figure's task is; empty for a printed correlation. */
  public Optional<PublishedTask> taskOf(PublishedFigure figure) {
    return tasks.stream()
        .filter(one -> one.task().equals(figure.task()) && one.metric().equals(figure.metric()))
        .findFirst();
  }

  /** The paper's id: thousands of figures would say nothing in a message. */
  @Override
  public String toString() {
    return id.text();
  }
}
