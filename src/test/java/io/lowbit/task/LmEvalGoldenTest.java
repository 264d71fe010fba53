// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * Prompts byte for byte, few-shot draws, per-item metrics and aggregates of lm-evaluation-harness,
 * whose own log-likelihoods are fed into our scoring.
 */
public class LmEvalGoldenTest {
  private static final double TOLERANCE = 1e-9;

  @DataProvider
  public Object[][] runs() {
    List<Object[]> runs = new ArrayList<>();
    for (String model : List.of("stories260K", "smollm2-135m")) {
      for (String task :
          List.of(
              "lambada_openai", "openbookqa", "piqa", "rte", "social_iqa", "arc_easy", "boolq")) {
        runs.add(new Object[] {model, task, 0, ""});
      }
      for (int shots : new int[] {1, 5}) {
        runs.add(new Object[] {model, "arc_easy", shots, "300-569"});
        runs.add(new Object[] {model, "boolq", shots, "1000-3269"});
      }
      runs.add(new Object[] {model, "gsm8k", 5, ""});
    }
    return runs.toArray(Object[][]::new);
  }

  @Test(dataProvider = "runs")
  public void questionsAgree(String model, String name, int shots, String pool) throws IOException {
    List<Row> golden = golden(model, name, shots);
    TaskOptions options = TaskOptions.DEFAULT.withShots(shots).withLimit(golden.size());
    if (!pool.isEmpty()) {
      options = options.withFewShotPool(RowRange.parse(pool));
    }
    boolean generates = name.equals("gsm8k");
    if (generates) {
      options = options.withMaxNewTokens(128);
    }
    QuestionTask task = (QuestionTask) load(name, options);
    List<TaskItem> items = task.items();
    assertEquals(items.size(), golden.size());
    List<Map<String, Double>> values = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Map<String, Object> expected = golden.get(i).values();
      TaskItem item = items.get(i);
      assertEquals(item.id(), String.valueOf(expected.get("doc_id")));
      assertRequests(item, expected);
      assertTarget(item, expected.get("target"));
      assertEquals(
          item.shots().stream().map(Integer::longValue).toList(),
          expected.getOrDefault("fewshot", List.of()));
      List<Response> responses =
          generates
              ? List.of(Response.ofText((String) expected.get("response"), 1))
              : responses(expected);
      ItemScore score = task.score(item, responses);
      assertValues(score.values(), (Map<?, ?>) expected.get("metrics"), item.id());
      values.add(score.values());
    }
    assertAggregates(task, values, summary(model, name, shots));
  }

  private static void assertRequests(TaskItem item, Map<String, Object> expected) {
    String context = (String) expected.get("context");
    List<Request> wanted = new ArrayList<>();
    if (expected.containsKey("response")) {
      wanted.add(new Request.Generate(context, List.of("Question:", "</s>", "<|im_end|>"), 128));
    } else {
      for (Object continuation : (List<?>) expected.get("continuations")) {
        wanted.add(new Request.LogLikelihood(context, (String) continuation));
      }
    }
    assertEquals(item.requests(), wanted);
  }

  private static void assertTarget(TaskItem item, Object expected) {
    if (expected instanceof Long gold) {
      assertEquals(item.gold(), gold.intValue());
      assertEquals(item.target(), item.choices().get(item.gold()));
    } else {
      assertEquals(item.target(), expected);
    }
  }

  private static List<Response> responses(Map<String, Object> expected) {
    List<?> logLikelihoods = (List<?>) expected.get("loglikelihoods");
    List<?> greedy = (List<?>) expected.get("is_greedy");
    List<Response> responses = new ArrayList<>();
    for (int i = 0; i < logLikelihoods.size(); i++) {
      responses.add(
          Response.ofLogLikelihood(
              ((Number) logLikelihoods.get(i)).doubleValue(), (Boolean) greedy.get(i), 1));
    }
    return responses;
  }

  private static void assertValues(Map<String, Double> values, Map<?, ?> expected, String item) {
    assertEquals(values.keySet(), expected.keySet());
    values.forEach((metric, value) ->
        assertEquals(
            value,
            ((Number) expected.get(metric)).doubleValue(),
            TOLERANCE,
            "item " + item + " " + metric));
  }

  /** Our names of metrics are the harness's keys, up to the filter where there is only one. */
  private static void assertAggregates(
      Task task, List<Map<String, Double>> values, JsonObject summary) {
    for (TaskMetric metric : task.metrics()) {
      String[] key = metric.name().split(",", 2);
      String filter = key.length == 2 ? key[1] : "none";
      double aggregate = summary.get(key[0] + "," + filter).getAsDouble();
      assertEquals(Aggregates.value(metric, values), aggregate, TOLERANCE * Math.max(1, aggregate));
      JsonElement error = summary.get(key[0] + "_stderr," + filter);
      OptionalDouble ours = Aggregates.standardError(metric, values);
      if (error.getAsString().equals("N/A")) {
        assertEquals(ours, OptionalDouble.empty());
      } else {
        double expected = error.getAsDouble();
        assertEquals(ours.orElseThrow(), expected, TOLERANCE * Math.max(1, expected));
      }
    }
  }

  @Test(dataProvider = "models")
  public void wikitextPagesAgree(String model) throws IOException {
    List<Row> golden = golden(model, "wikitext", 0);
    Task task = load("wikitext", TaskOptions.DEFAULT.withLimit(golden.size()));
    List<TaskItem> items = ((PerplexityTask) task).documents();
    assertEquals(items.size(), 60);
    List<Map<String, Double>> values = new ArrayList<>();
    for (int i = 0; i < golden.size(); i++) {
      Map<String, Object> expected = golden.get(i).values();
      TaskItem item = items.get(i);
      String scored = ((Request.Rolling) item.requests().getFirst()).text();
      assertEquals(item.words(), expected.get("words"));
      assertEquals(item.bytes(), expected.get("bytes"));
      assertEquals(
          (long) scored.getBytes(StandardCharsets.UTF_8).length, expected.get("detokenized_bytes"));
      assertEquals(
          (long) scored.codePointCount(0, scored.length()), expected.get("detokenized_chars"));
      double logLikelihood = ((Number) expected.get("loglikelihood")).doubleValue();
      int tokens = ((Number) expected.get("tokens")).intValue();
      values.add(
          task.score(item, List.of(Response.ofLogLikelihood(logLikelihood, false, tokens)))
              .values());
    }
    assertAggregates(task, values, summary(model, "wikitext", 0));
  }

  @DataProvider
  public Object[][] models() {
    return new Object[][] {{"stories260K"}, {"smollm2-135m"}};
  }

  private static Task load(String name, TaskOptions options) {
    DataRoot data = DataRoot.of(Optional.of(Shared.path("datasets")), false);
    return Task.load(TaskCatalogue.find(name), data, options);
  }

  private static List<Row> golden(String model, String task, int shots) {
    String name = "golden/lmeval/" + model + "." + task + "." + shots + "shot.jsonl";
    Path plain = Shared.path("golden").resolveSibling(name);
    return Rows.read(Files.exists(plain) ? plain : Shared.path(name + ".gz"));
  }

  private static JsonObject summary(String model, String task, int shots) throws IOException {
    String text = Files.readString(Shared.path("golden/lmeval/" + model + ".summary.json"));
    return JsonParser.parseString(text)
        .getAsJsonObject()
        .getAsJsonObject("tasks")
        .getAsJsonObject(task + "." + shots + "shot")
        .getAsJsonObject("results")
        .getAsJsonObject(task);
  }
}
