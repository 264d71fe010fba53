// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.results.LmEvalFile.Sample;
import io.lowbit.results.LmEvalFile.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The samples of one task as records. */
final class LmEvalTask {
  /** Metrics of which less is better, where no results file says so. */
  private static final Set<String> LOWER_IS_BETTER =
      Set.of(
          "perplexity",
          "word_perplexity",
          "byte_perplexity",
          "bits_per_byte",
          "brier_score",
          "likelihood_diff",
          "pct_stereotype",
          "ter");

  /** An aggregate may differ from the mean of its items by the rounding of another summation. */
  private static final double ROUNDING = 1e-6;

  private final LmEvalFile file;
  private final Optional<LmEvalFacts> facts;
  private final String run;
  private final String model;
  private final String task;
  private final List<String> notes = new ArrayList<>();

  /**
   * A task.
   *
   * @param facts from the results file beside the samples, if there is one
   * @param run name of the run, which stands where records name a scheme
   * @param model whose results they are
   * @param task as records name it, with its shots
   */
  LmEvalTask(LmEvalFile file, Optional<LmEvalFacts> facts, String run, String model, String task) {
    this.file = file;
    this.facts = facts;
    this.run = run;
    this.model = model;
    this.task = task;
  }

  /** What must be said of the task, after {@link #records}. */
  List<String> notes() {
    return notes;
  }

  /**
   * A record per document; none if no metric can be paired by item.
   *
   * @throws IllegalArgumentException if documents lack lines
   */
  List<ItemRecord> records() {
    Map<Long, Map<String, Sample>> documents = new TreeMap<>();
    for (Sample sample : file.samples()) {
      documents
          .computeIfAbsent(sample.document(), _ -> new LinkedHashMap<>())
          .put(sample.filter(), sample);
    }
    Set<String> filters = file.samples().stream().map(Sample::filter).collect(Collectors.toSet());
    requireComplete(documents, filters);
    Map<String, Metric> metrics = metrics(filters);
    return metrics.isEmpty()
        ? List.of()
        : documents.values().stream().map(lines -> record(lines, metrics)).toList();
  }

  private void requireComplete(Map<Long, Map<String, Sample>> documents, Set<String> filters) {
    documents.forEach((document, lines) -> {
      if (lines.size() != filters.size()) {
        throw new IllegalArgumentException(
            "%s: document %d has answers of the filters %s, but others also of %s; the file may be cut off"
                .formatted(file.path(), document, lines.keySet(), filters));
      }
    });
    facts.ifPresent(known ->
        known
            .documents()
            .ifPresent(count -> {
              if (count != documents.size()) {
                throw new IllegalArgumentException(
                    "%s: the file has %d documents, but %s says that %d were scored; it may be cut off or of another run"
                        .formatted(
                            file.path(), documents.size(), known.path().getFileName(), count));
              }
            }));
  }

  /** The metrics that are a function of one number per item, by their key in the file. */
  private Map<String, Metric> metrics(Set<String> filters) {
    Map<String, List<Value>> values = new LinkedHashMap<>();
    for (Sample sample : file.samples()) {
      sample
          .metrics()
          .forEach((name, value) ->
              values
                  .computeIfAbsent(name + "," + sample.filter(), _ -> new ArrayList<>())
                  .add(value));
    }
    int documents = file.samples().size() / filters.size();
    Map<String, Metric> metrics = new LinkedHashMap<>();
    values.forEach((key, all) -> {
      String name = key.substring(0, key.indexOf(','));
      Optional<Aggregation> aggregation = aggregation(name, all);
      Optional<String> objection =
          all.size() != documents
              ? Optional.of("only %d of %d documents have it".formatted(all.size(), documents))
              : aggregation.isEmpty()
                  ? Optional.of("its items are no numbers that a mean can be taken of")
                  : disagreement(key, aggregation.get(), all);
      if (objection.isPresent()) {
        notes.add(
            "%s, %s: the metric %s is left out: %s.".formatted(run, task, key, objection.get()));
      } else {
        String shown = filters.size() == 1 ? name : key;
        metrics.put(key, new Metric(shown, aggregation.get(), isHigherBetter(name), Double.NaN));
      }
    });
    return metrics;
  }

  private Optional<Aggregation> aggregation(String name, List<Value> values) {
    boolean ofText = values.stream().allMatch(Value.OfText.class::isInstance);
    boolean scores = values.stream().allMatch(Value.Score.class::isInstance);
    String said = facts.map(known -> known.aggregations().get(name)).orElse("");
    return switch (name) {
      case "word_perplexity" -> Optional.of(Aggregation.WORD_PERPLEXITY).filter(_ -> ofText);
      case "byte_perplexity" -> Optional.of(Aggregation.BYTE_PERPLEXITY).filter(_ -> ofText);
      case "bits_per_byte" -> Optional.of(Aggregation.BITS_PER_BYTE).filter(_ -> ofText);
      case "perplexity" ->
          ofText && said.equals("weighted_perplexity")
              ? Optional.of(Aggregation.TOKEN_PERPLEXITY)
              : Optional.of(Aggregation.EXP_NEGATIVE_MEAN).filter(_ -> scores);
      default -> Optional.of(Aggregation.MEAN).filter(_ -> scores);
    };
  }

  /** Why the items do not make up the number in the results file, if they do not. */
  private Optional<String> disagreement(String key, Aggregation aggregation, List<Value> values) {
    Double said = facts.map(known -> known.values().get(key)).orElse(null);
    if (said == null) {
      return Optional.empty();
    }
    double above = 0;
    double below = 0;
    for (Value value : values) {
      switch (value) {
        case Value.Score(double score) -> {
          above += score;
          below += 1;
        }
        case Value.OfText(double logLikelihood, double units) -> {
          above += logLikelihood;
          below += units;
        }
        case Value.Other() -> throw new IllegalStateException("an aggregation needs numbers");
      }
    }
    double made =
        switch (aggregation) {
          case MEAN -> above / below;
          case BITS_PER_BYTE -> -above / below / Math.log(2);
          case EXP_NEGATIVE_MEAN, TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY ->
              Math.exp(-above / below);
        };
    return Double.isNaN(made) || Math.abs(made - said) <= ROUNDING * Math.max(1, Math.abs(said))
        ? Optional.empty()
        : Optional.of(
            "%s says %s, which is not what its items make (%s)"
                .formatted(facts.orElseThrow().path().getFileName(), said, made));
  }

  private boolean isHigherBetter(String name) {
    Boolean said = facts.map(known -> known.higherIsBetter().get(name)).orElse(null);
    return said == null ? !LOWER_IS_BETTER.contains(name) : said;
  }

  private ItemRecord record(Map<String, Sample> lines, Map<String, Metric> metrics) {
    Sample first = lines.values().iterator().next();
    Map<String, Double> values = new LinkedHashMap<>();
    metrics.forEach((key, metric) -> {
      int comma = key.indexOf(',');
      Value value = lines.get(key.substring(comma + 1)).metrics().get(key.substring(0, comma));
      switch (value) {
        case Value.Score(double score) -> values.put(metric.name(), score);
        case Value.OfText(double logLikelihood, double units) -> {
          values.put("nll", -logLikelihood);
          values.put(unit(metric.aggregation()), units);
        }
        case Value.Other() -> throw new IllegalStateException("an aggregation needs numbers");
      }
    });
    return new ItemRecord(
        ItemRecord.SCHEMA,
        String.join("/", "lm-eval", model, run, task, Long.toString(first.document())),
        model,
        "",
        0,
        run,
        run,
        "",
        Double.NaN,
        Double.NaN,
        "",
        "lm-eval",
        task,
        facts.map(LmEvalFacts::version).orElse(0),
        "",
        "lm-eval samples" + shots(facts).map(shots -> ", " + shots + "-shot").orElse(""),
        "",
        Long.toString(first.document()),
        "",
        List.copyOf(metrics.values()),
        values,
        first.logLikelihoods(),
        first.prediction(),
        first.target());
  }

  /** Number of examples, where a results file says it. */
  static Optional<Integer> shots(Optional<LmEvalFacts> facts) {
    return facts.map(LmEvalFacts::shots).filter(OptionalInt::isPresent).map(OptionalInt::getAsInt);
  }

  private static String unit(Aggregation aggregation) {
    return switch (aggregation) {
      case TOKEN_PERPLEXITY -> "tokens";
      case WORD_PERPLEXITY -> "words";
      case BYTE_PERPLEXITY, BITS_PER_BYTE -> "bytes";
      case MEAN, EXP_NEGATIVE_MEAN ->
          throw new IllegalArgumentException(aggregation + " has no units");
    };
  }
}
