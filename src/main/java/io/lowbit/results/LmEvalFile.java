// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that lm-evaluation-harness writes with {@code --log_samples}: one line per document and
 * answer filter. Both its present layout and the older one without {@code filter} and {@code
 * metrics} are read.
 *
 * @param path of the file
 * @param task from its name, or the whole name where that is not {@code samples_TASK_DATE.jsonl}
 * @param date from its name, or empty
 * @param samples in file order, without repetitions
 */
record LmEvalFile(Path path, String task, String date, List<Sample> samples) {
  private static final Pattern NAME =
      Pattern.compile("samples_(?<task>.+)_(?<date>\\d{4}-\\d{2}-\\d{2}T[-\\d.:]+)\\.jsonl");

  /** Fields that are no metric, for the layout that does not list its metrics. */
  private static final Set<String> NO_METRICS =
      Set.of(
          "doc_id",
          "doc",
          "target",
          "arguments",
          "resps",
          "filtered_resps",
          "filter",
          "metrics",
          "doc_hash",
          "prompt_hash",
          "target_hash");

  /** A metric of one document. */
  sealed interface Value {
    /** A number; NaN where the harness wrote none. */
    record Score(double value) implements Value {}

    /** Log-likelihood and the words or bytes of a text. */
    record OfText(double logLikelihood, double units) implements Value {}

    /** What only the harness's own aggregation understands. */
    record Other() implements Value {}
  }

  /**
   * A line.
   *
   * @param where for messages
   * @param document its number
   * @param filter name of the answer filter, or {@code none}
   * @param target as text
   * @param documentHash hash of the document, or empty
   * @param promptHash hash of the prompt, or empty
   * @param metrics by name, in the file's order
   * @param logLikelihoods of the choices, or of the one answer; empty for generated text
   * @param prediction number of the likeliest choice, or the filtered answer
   */
  record Sample(
      String where,
      long document,
      String filter,
      String target,
      String documentHash,
      String promptHash,
      Map<String, Value> metrics,
      List<Double> logLikelihoods,
      String prediction) {}

  private record Place(long document, String filter) {}

  /** Whether a row looks like a line of such a file. */
  static boolean isSample(Row row) {
    Set<String> names = row.values().keySet();
    return names.contains("doc_id") && names.contains("target") && names.contains("filtered_resps");
  }

  /**
   * Reads a file, or nothing of it.
   *
   * @throws IllegalArgumentException if a line is not such a sample, with file and line
   */
  static LmEvalFile read(Path path) {
    Map<Place, Sample> samples = new LinkedHashMap<>();
    Map<String, Boolean> isScore = new HashMap<>();
    for (Row row : Rows.readPython(path, Long.MAX_VALUE)) {
      Sample sample = sample(path.resolveSibling(row.origin()).toString(), row.values());
      Sample other = samples.putIfAbsent(new Place(sample.document, sample.filter), sample);
      if (other != null && !other.metrics.equals(sample.metrics)) {
        throw new IllegalArgumentException(
            "%s: document %d was scored before, with other values (%s); the file holds two runs, give one of them only"
                .formatted(sample.where, sample.document, other.where));
      }
      sample.metrics.forEach((name, value) -> {
        boolean score = value instanceof Value.Score;
        Boolean before = isScore.putIfAbsent(name, score);
        if (before != null && before != score) {
          throw new IllegalArgumentException(
              "%s: metric '%s' is %s, unlike in the lines before; the file may be damaged"
                  .formatted(sample.where, name, score ? "a number" : "no number"));
        }
      });
    }
    if (samples.isEmpty()) {
      throw new IllegalArgumentException(path + ": the file has no samples; is it complete?");
    }
    Matcher name = NAME.matcher(path.getFileName().toString());
    String stem = path.getFileName().toString().replaceFirst("\\.jsonl$", "");
    return name.matches()
        ? new LmEvalFile(path, name.group("task"), name.group("date"), copy(samples))
        : new LmEvalFile(path, stem, "", copy(samples));
  }

  private static List<Sample> copy(Map<Place, Sample> samples) {
    return List.copyOf(samples.values());
  }

  private static Sample sample(String where, Map<String, Object> line) {
    if (!isSample(new Row(where, line))) {
      throw new IllegalArgumentException(
          "%s: not a sample of lm-eval; it needs doc_id, target and filtered_resps, but has %s"
              .formatted(where, line.keySet()));
    }
    if (!(line.get("doc_id") instanceof Long document) || document < 0) {
      throw new IllegalArgumentException(
          "%s: doc_id is %s, but must be a whole number from 0"
              .formatted(where, shown(line.get("doc_id"))));
    }
    Map<String, Value> metrics = new LinkedHashMap<>();
    for (String name : metricNames(where, line)) {
      metrics.put(name, value(where, name, line.get(name)));
    }
    List<Double> logLikelihoods = logLikelihoods(line.get("filtered_resps"));
    return new Sample(
        where,
        document,
        text(line, "filter", "none"),
        text(line, "target", ""),
        text(line, "doc_hash", ""),
        text(line, "prompt_hash", ""),
        metrics,
        logLikelihoods,
        switch (logLikelihoods.size()) {
          case 0 -> firstText(line.get("filtered_resps"));
          // Only the right answer was scored, so there is no choice.
          case 1 -> "";
          default -> Integer.toString(likeliest(logLikelihoods));
        });
  }

  private static List<String> metricNames(String where, Map<String, Object> line) {
    if (!line.containsKey("metrics")) {
      return line.keySet().stream().filter(name -> !NO_METRICS.contains(name)).toList();
    }
    if (!(line.get("metrics") instanceof List<?> names)) {
      throw new IllegalArgumentException(
          "%s: metrics is %s, but must be a list of names"
              .formatted(where, shown(line.get("metrics"))));
    }
    for (Object name : names) {
      if (!(name instanceof String text) || !line.containsKey(text)) {
        throw new IllegalArgumentException(
            "%s: the metric %s is listed, but the line has no such field"
                .formatted(where, shown(name)));
      }
    }
    return names.stream().map(String.class::cast).toList();
  }

  private static Value value(String where, String name, Object value) {
    return switch (value) {
      case null -> new Value.Score(Double.NaN);
      case Boolean flag -> new Value.Score(flag ? 1 : 0);
      case Number number -> new Value.Score(finite(where, name, number));
      case List<?> pair
          when pair.size() == 2
              && (pair.getFirst() == null || pair.getFirst() instanceof Number)
              && pair.getLast() instanceof Number units
              && units.doubleValue() >= 0 ->
          new Value.OfText(
              pair.getFirst() instanceof Number sum ? finite(where, name, sum) : Double.NaN,
              finite(where, name, units));
      default -> new Value.Other();
    };
  }

  private static double finite(String where, String name, Number number) {
    double value = number.doubleValue();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s: '%s' holds a number that is too large for 64 bits; the file may be damaged"
              .formatted(where, name));
    }
    return value;
  }

  /** Choices come as pairs of log-likelihood and "is greedy", both as text. */
  private static List<Double> logLikelihoods(Object responses) {
    List<Double> all = new ArrayList<>();
    if (responses instanceof List<?> list) {
      for (Object response : list) {
        if (!(response instanceof List<?> pair) || pair.size() != 2) {
          return List.of();
        }
        try {
          all.add(Double.valueOf(String.valueOf(pair.getFirst())));
        } catch (NumberFormatException e) {
          return List.of();
        }
      }
    }
    return List.copyOf(all);
  }

  private static int likeliest(List<Double> logLikelihoods) {
    int best = 0;
    for (int i = 1; i < logLikelihoods.size(); i++) {
      best = logLikelihoods.get(i) > logLikelihoods.get(best) ? i : best;
    }
    return best;
  }

  private static String firstText(Object responses) {
    Object first = responses;
    while (first instanceof List<?> list && !list.isEmpty()) {
      first = list.getFirst();
    }
    return first instanceof String text ? text : "";
  }

  private static String text(Map<String, Object> line, String field, String absent) {
    Object value = line.get(field);
    return value == null ? absent : String.valueOf(value);
  }

  /** A value in a message, cut where it is long. */
  private static String shown(Object value) {
    String text = value instanceof String ? "'" + value + "'" : String.valueOf(value);
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
