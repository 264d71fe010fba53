// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.lowbit.results.ContentKey;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.ItemRecord.Aggregation;
import io.lowbit.results.ItemRecord.Metric;
import io.lowbit.stats.CellSummary;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One model under one scheme in the files that lm-evaluation-harness writes: its aggregates, and a
 * line per document and answer filter.
 */
final class LmEvalExport {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final Gson PRETTY =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().setPrettyPrinting().create();
  private static final Pattern SHOTS = Pattern.compile("(?<name>.*) \\((?<shots>\\d+)-shot\\)");
  private static final String PROMPT = "(prompts are not kept in Lowbit's records)";
  private static final String NO_FILTER = "none";

  private final String date;
  private final ItemRecord example;
  private final Map<String, List<ItemRecord>> tasks = new TreeMap<>();
  private final List<CellSummary> cells;
  private final Set<String> plainNames = new LinkedHashSet<>();

  /**
   * An export.
   *
   * @param records of one model under one scheme
   * @param cells their summaries
   */
  LmEvalExport(List<ItemRecord> records, List<CellSummary> cells, LocalDateTime date) {
    this.date = name(date);
    this.example = records.getFirst();
    this.cells = cells;
    records.stream()
        .distinct()
        .forEach(r -> tasks.computeIfAbsent(r.task(), _ -> new ArrayList<>()).add(r));
    Map<String, Integer> count = new LinkedHashMap<>();
    tasks.keySet().forEach(task -> count.merge(plain(task), 1, Integer::sum));
    count.forEach((name, times) -> {
      if (times == 1) {
        plainNames.add(name);
      }
    });
  }

  private static String name(LocalDateTime date) {
    return DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSSSSS").format(date);
  }

  /** Folder of the files, as the harness names it after a model. */
  String folder() {
    return (example.model() + "__" + example.scheme())
        .replaceAll("[\"<>:/|\\\\?*\\[\\]\\s\\p{Cntrl}]+", "__")
        .replaceFirst("^\\.+", "__");
  }

  /** Content by file name. */
  Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("results_" + date + ".json", PRETTY.toJson(results()) + "\n");
    tasks.forEach((task, records) -> {
      StringBuilder lines = new StringBuilder();
      samples(records).forEach(sample -> lines.append(GSON.toJson(sample)).append('\n'));
      files.put(
          "samples_" + lmEvalName(task).replaceAll("\\W", "_") + "_" + date + ".jsonl",
          lines.toString());
    });
    return files;
  }

  private static String plain(String task) {
    Matcher shots = SHOTS.matcher(task);
    return shots.matches() ? shots.group("name") : task;
  }

  private static int shots(String task) {
    Matcher shots = SHOTS.matcher(task);
    return shots.matches() ? Integer.parseInt(shots.group("shots")) : 0;
  }

  /** The harness keeps the number of examples apart from the name. */
  private String lmEvalName(String task) {
    return plainNames.contains(plain(task)) ? plain(task) : task.replaceAll("\\W+", "_");
  }

  private JsonObject results() {
    JsonObject results = new JsonObject();
    JsonObject subtasks = new JsonObject();
    JsonObject configs = new JsonObject();
    JsonObject versions = new JsonObject();
    JsonObject shots = new JsonObject();
    JsonObject higher = new JsonObject();
    JsonObject counts = new JsonObject();
    tasks.forEach((task, records) -> {
      String name = lmEvalName(task);
      ItemRecord first = records.getFirst();
      results.add(name, aggregates(name, task));
      subtasks.add(name, new JsonArray());
      configs.add(name, config(name, first));
      versions.addProperty(name, first.taskVersion());
      shots.addProperty(name, shots(task));
      JsonObject direction = new JsonObject();
      first.metrics().forEach(m -> direction.addProperty(metric(m), m.higherIsBetter()));
      higher.add(name, direction);
      JsonObject count = new JsonObject();
      count.addProperty("original", documents(records).size());
      count.addProperty("effective", documents(records).size());
      counts.add(name, count);
    });
    JsonObject all = new JsonObject();
    all.add("results", results);
    all.add("group_subtasks", subtasks);
    all.add("configs", configs);
    all.add("versions", versions);
    all.add("n-shot", shots);
    all.add("higher_is_better", higher);
    all.add("n-samples", counts);
    all.add("config", run());
    all.add("git_hash", JsonNull.INSTANCE);
    all.addProperty(
        "date",
        LocalDateTime.parse(date, DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSSSSS"))
            .toEpochSecond(ZoneOffset.UTC));
    all.addProperty("model_source", "lowbit");
    all.addProperty("model_name", example.model() + "__" + example.scheme());
    all.addProperty("model_name_sanitized", folder());
    return all;
  }

  private JsonObject run() {
    JsonObject config = new JsonObject();
    config.addProperty("model", "lowbit");
    config.addProperty(
        "model_args", "pretrained=" + example.model() + ",scheme=" + example.scheme());
    config.addProperty("model_num_parameters", example.modelParameters());
    config.addProperty("model_dtype", example.base());
    config.addProperty("model_sha", example.modelSha256());
    config.addProperty("scheme", example.schemeJson());
    config.addProperty("execution", example.execution());
    config.addProperty("backend", example.backend());
    return config;
  }

  private static String metric(Metric metric) {
    int comma = metric.name().indexOf(',');
    return comma < 0 ? metric.name() : metric.name().substring(0, comma);
  }

  private static String filter(Metric metric) {
    int comma = metric.name().indexOf(',');
    return comma < 0 ? NO_FILTER : metric.name().substring(comma + 1);
  }

  private JsonObject aggregates(String name, String task) {
    JsonObject object = new JsonObject();
    object.addProperty("alias", name);
    for (CellSummary cell : cells) {
      if (!cell.key().task().equals(task)) {
        continue;
      }
      String metric = metric(cell.metric());
      String filter = filter(cell.metric());
      if (Double.isFinite(cell.value())) {
        object.addProperty(metric + "," + filter, cell.value());
      } else {
        object.add(metric + "," + filter, JsonNull.INSTANCE);
      }
      Optional<Double> error = cell.errors().map(e -> e.naive()).filter(Double::isFinite);
      if (error.isPresent()) {
        object.addProperty(metric + "_stderr," + filter, error.get());
      } else {
        object.addProperty(metric + "_stderr," + filter, "N/A");
      }
    }
    return object;
  }

  private static JsonObject config(String name, ItemRecord first) {
    JsonObject config = new JsonObject();
    config.addProperty("task", name);
    config.addProperty("num_fewshot", shots(first.task()));
    JsonArray metrics = new JsonArray();
    Set<String> seen = new LinkedHashSet<>();
    for (Metric metric : first.metrics()) {
      if (seen.add(metric(metric))) {
        JsonObject one = new JsonObject();
        one.addProperty("metric", metric(metric));
        one.addProperty("aggregation", aggregation(metric.aggregation()));
        one.addProperty("higher_is_better", metric.higherIsBetter());
        metrics.add(one);
      }
    }
    config.add("metric_list", metrics);
    JsonObject metadata = new JsonObject();
    metadata.addProperty("version", first.taskVersion());
    metadata.addProperty("protocol", first.protocol());
    metadata.addProperty("data_sha256", first.dataSha256());
    config.add("metadata", metadata);
    return config;
  }

  private static String aggregation(Aggregation aggregation) {
    return switch (aggregation) {
      case MEAN -> "mean";
      case EXP_NEGATIVE_MEAN -> "perplexity";
      case TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY -> "weighted_perplexity";
      case BITS_PER_BYTE -> "bits_per_byte";
    };
  }

  /** Records by document number: their own where all items have one, else their place. */
  private static Map<Long, ItemRecord> documents(List<ItemRecord> records) {
    Map<Long, ItemRecord> documents = new TreeMap<>();
    if (records.stream().allMatch(r -> r.item().matches("0|[1-9][0-9]{0,17}"))) {
      records.forEach(r -> documents.put(Long.parseLong(r.item()), r));
      return documents;
    }
    List<ItemRecord> sorted =
        records.stream().sorted(Comparator.comparing(ItemRecord::item)).toList();
    for (int i = 0; i < sorted.size(); i++) {
      documents.put((long) i, sorted.get(i));
    }
    return documents;
  }

  private static List<JsonObject> samples(List<ItemRecord> records) {
    List<JsonObject> samples = new ArrayList<>();
    documents(records)
        .forEach((number, record) -> {
          Map<String, List<Metric>> filters = new LinkedHashMap<>();
          record
              .metrics()
              .forEach(m -> filters.computeIfAbsent(filter(m), _ -> new ArrayList<>()).add(m));
          filters.forEach(
              (filter, metrics) -> samples.add(sample(number, record, filter, metrics)));
        });
    return samples;
  }

  private static JsonObject sample(
      long number, ItemRecord record, String filter, List<Metric> metrics) {
    JsonObject sample = new JsonObject();
    sample.addProperty("doc_id", number);
    JsonObject document = new JsonObject();
    document.addProperty("item", record.item());
    document.addProperty("cluster", record.cluster());
    sample.add("doc", document);
    sample.addProperty("target", record.target());
    JsonObject arguments = new JsonObject();
    JsonArray responses = new JsonArray();
    JsonArray filtered = new JsonArray();
    List<JsonArray> answers = answers(record);
    for (int i = 0; i < Math.max(1, answers.size()); i++) {
      JsonObject argument = new JsonObject();
      argument.addProperty("arg_0", PROMPT);
      argument.addProperty("arg_1", "");
      arguments.add("gen_args_" + i, argument);
    }
    for (JsonArray answer : answers) {
      JsonArray once = new JsonArray();
      once.add(answer);
      responses.add(once);
      filtered.add(answer);
    }
    if (answers.isEmpty()) {
      JsonArray once = new JsonArray();
      once.add(record.prediction());
      responses.add(once);
      filtered.add(record.prediction());
    }
    sample.add("arguments", arguments);
    sample.add("resps", responses);
    sample.add("filtered_resps", filtered);
    sample.addProperty("filter", filter);
    JsonArray names = new JsonArray();
    metrics.forEach(metric -> names.add(metric(metric)));
    sample.add("metrics", names);
    if (!record.item().equals(Long.toString(number))) {
      // Numbers by place shift where runs miss items; the hash keeps readers from pairing those.
      sample.addProperty("doc_hash", new ContentKey().with("item", record.item()).hex());
    }
    metrics.forEach(metric -> value(sample, record, metric));
    return sample;
  }

  /** Log-likelihood and whether it was the greedy answer, which records do not keep, as text. */
  private static List<JsonArray> answers(ItemRecord record) {
    List<JsonArray> answers = new ArrayList<>();
    for (Double logLikelihood : record.logLikelihoods()) {
      JsonArray answer = new JsonArray();
      answer.add(String.valueOf(logLikelihood));
      answer.add("None");
      answers.add(answer);
    }
    return answers;
  }

  private static void value(JsonObject sample, ItemRecord record, Metric metric) {
    double above = record.numerator(metric);
    switch (metric.aggregation()) {
      case MEAN -> number(sample, metric(metric), above);
      case EXP_NEGATIVE_MEAN -> number(sample, metric(metric), -above);
      case TOKEN_PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE -> {
        JsonArray pair = new JsonArray();
        if (Double.isFinite(above)) {
          pair.add(-above);
        } else {
          pair.add(JsonNull.INSTANCE);
        }
        pair.add(record.denominator(metric));
        sample.add(metric(metric), pair);
      }
    }
  }

  private static void number(JsonObject sample, String name, double value) {
    if (Double.isFinite(value)) {
      sample.addProperty(name, value);
    } else {
      sample.add(name, JsonNull.INSTANCE);
    }
  }
}
