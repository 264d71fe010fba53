// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.lowbit.table.DataFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What the file of aggregates ({@code results_DATE.json}) of lm-evaluation-harness says of a task.
 *
 * @param path of the file
 * @param task name of the task
 * @param shots number of examples, if said
 * @param version of the task, 0 if not said or not a whole number
 * @param documents number of documents that were scored, if said
 * @param aggregations by metric, as far as they have a name
 * @param higherIsBetter by metric
 * @param values aggregates by {@code metric,filter}
 */
record LmEvalFacts(
    Path path,
    String task,
    OptionalInt shots,
    int version,
    OptionalInt documents,
    Map<String, String> aggregations,
    Map<String, Boolean> higherIsBetter,
    Map<String, Double> values) {

  private static final Pattern NO_WORD = Pattern.compile("\\W");

  /**
   * The facts of a task of a samples file, whose name may have lost characters of the task's.
   *
   * @return nothing if the file does not know the task
   * @throws IllegalArgumentException if the file is not such a file
   */
  static Optional<LmEvalFacts> read(Path path, String task) {
    JsonObject file;
    try {
      file = object(path, "the file", JsonParser.parseString(DataFile.text(path)));
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(
          "%s: not valid JSON (%s); is it complete?"
              .formatted(path, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
    JsonObject results = part(path, file, "results");
    String wanted = NO_WORD.matcher(task).replaceAll("_");
    return results.keySet().stream()
        .filter(name -> NO_WORD.matcher(name).replaceAll("_").equals(wanted))
        .findFirst()
        .map(name -> facts(path, file, name));
  }

  private static LmEvalFacts facts(Path path, JsonObject file, String task) {
    Map<String, Double> values = new HashMap<>();
    part(path, part(path, file, "results"), task)
        .asMap()
        .forEach((name, value) -> number(value).ifPresent(n -> values.put(name, n)));
    Map<String, String> aggregations = new HashMap<>();
    Map<String, Boolean> higher = new HashMap<>();
    JsonElement list = part(path, part(path, file, "configs"), task).get("metric_list");
    if (list != null && list.isJsonArray()) {
      for (JsonElement element : list.getAsJsonArray()) {
        JsonObject metric = object(path, "an entry of metric_list", element);
        String name = text(metric.get("metric")).orElse("");
        text(metric.get("aggregation")).ifPresent(a -> aggregations.put(name, a));
      }
    }
    part(path, part(path, file, "higher_is_better"), task)
        .asMap()
        .forEach((name, value) -> {
          if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean()) {
            higher.put(name, value.getAsBoolean());
          }
        });
    JsonObject counts = part(path, part(path, file, "n-samples"), task);
    return new LmEvalFacts(
        path,
        task,
        whole(part(path, file, "n-shot").get(task)),
        whole(part(path, file, "versions").get(task)).orElse(0),
        whole(counts.get("effective")),
        aggregations,
        higher,
        values);
  }

  /** A part of an object; empty if it is absent. */
  private static JsonObject part(Path path, JsonObject whole, String name) {
    JsonElement part = whole.get(name);
    return part == null || part.isJsonNull()
        ? new JsonObject()
        : object(path, "'" + name + "'", part);
  }

  private static JsonObject object(Path path, String what, JsonElement element) {
    if (!element.isJsonObject()) {
      throw new IllegalArgumentException(
          "%s: %s is not a JSON object; expected the results file of lm-eval"
              .formatted(path, what));
    }
    return element.getAsJsonObject();
  }

  private static Optional<Double> number(JsonElement value) {
    try {
      return value != null && value.isJsonPrimitive() && !value.getAsJsonPrimitive().isBoolean()
          ? Optional.of(value.getAsDouble()).filter(Double::isFinite)
          : Optional.empty();
    } catch (NumberFormatException e) {
      // "N/A" stands where the harness has no number.
      return Optional.empty();
    }
  }

  private static OptionalInt whole(JsonElement value) {
    return number(value)
        .filter(n -> n == Math.rint(n) && Math.abs(n) < 1e9)
        .map(n -> OptionalInt.of(n.intValue()))
        .orElse(OptionalInt.empty());
  }

  private static Optional<String> text(JsonElement value) {
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
        ? Optional.of(value.getAsString())
        : Optional.empty();
  }
}
