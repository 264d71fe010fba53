// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.engine.Generator;
import io.lowbit.engine.GoldenModel;
import io.lowbit.engine.Scorer;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.task.Aggregates;
import io.lowbit.task.Aggregation;
import io.lowbit.task.DataRoot;
import io.lowbit.task.ItemScore;
import io.lowbit.task.Response;
import io.lowbit.task.RowRange;
import io.lowbit.task.Task;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskMetric;
import io.lowbit.task.TaskOptions;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import io.lowbit.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/**
 * What lm-evaluation-harness reports, from an item's text to the aggregate, with our own forward
 * pass in fp32.
 */
public class GoldenLmEvalTest {
  /** A golden file, of which the first {@code limit} items are scored. */
  record Run(String model, String task, int shots, String pool, int limit) {
    @Override
    public String toString() {
      return model + " " + task + " " + shots + "-shot";
    }

    List<Row> golden() {
      String name = "golden/lmeval/%s.%s.%dshot.jsonl".formatted(model, task, shots);
      Path plain = Shared.path("golden").resolveSibling(name);
      List<Row> rows = Rows.read(Files.exists(plain) ? plain : Shared.path(name + ".gz"));
      return rows.subList(0, Math.min(limit, rows.size()));
    }

    Task load() {
      TaskOptions options = TaskOptions.DEFAULT.withShots(shots).withLimit(golden().size());
      if (!pool.isEmpty()) {
        options = options.withFewShotPool(RowRange.parse(pool));
      }
      if (task.equals("gsm8k")) {
        options = options.withMaxNewTokens(128);
      }
      DataRoot data = DataRoot.of(Optional.of(Shared.path("datasets")), false);
      return Task.load(TaskCatalogue.find(task), data, options);
    }
  }

  @DataProvider
  public Object[][] some() {
    return new Object[][] {
      {new Run("stories260K", "arc_easy", 0, "", 60)},
      {new Run("stories260K", "boolq", 1, "1000-3269", 60)},
      {new Run("stories260K", "lambada_openai", 0, "", 60)},
      {new Run("stories260K", "piqa", 0, "", 60)},
    };
  }

  @DataProvider
  public Object[][] all() {
    List<Object[]> runs = new ArrayList<>();
    int all = Integer.MAX_VALUE;
    for (String model : List.of("stories260K", "smollm2-135m")) {
      for (String task :
          List.of(
              "lambada_openai", "openbookqa", "piqa", "rte", "social_iqa", "arc_easy", "boolq")) {
        runs.add(new Object[] {new Run(model, task, 0, "", all)});
      }
      for (int shots : new int[] {1, 5}) {
        runs.add(new Object[] {new Run(model, "arc_easy", shots, "300-569", all)});
        runs.add(new Object[] {new Run(model, "boolq", shots, "1000-3269", all)});
      }
      runs.add(new Object[] {new Run(model, "gsm8k", 5, "", all)});
    }
    return runs.toArray(Object[][]::new);
  }

  @Test(dataProvider = "some")
  public void firstItemsAgree(Run run) {
    scores(run);
  }

  @Test(dataProvider = "all", groups = "long")
  public void everyItemAndTheAggregatesAgree(Run run) throws IOException {
    List<Map<String, Double>> values = scores(run);
    assertAggregates(run, values, 1e-9);
  }

  private static List<Map<String, Double>> scores(Run run) {
    List<Row> golden = run.golden();
    List<Map<String, Double>> values = new ArrayList<>();
    try (GoldenModel model = GoldenModel.open(run.model, "fp32", 0);
        Tokenizer tokenizer = model.tokenizer()) {
      Task task = run.load();
      EncodedTask encoded = encode(task, model, tokenizer);
      List<List<Response>> responses = answers(model, tokenizer).to(encoded.items());
      assertEquals(responses.size(), golden.size());
      for (int i = 0; i < golden.size(); i++) {
        Map<String, Object> expected = golden.get(i).values();
        String what = run + " item " + i;
        assertTokens(encoded.items().get(i), expected, what);
        assertResponses(responses.get(i), expected, what);
        ItemScore score = task.score(encoded.items().get(i).item(), responses.get(i));
        assertMetrics(task, score.values(), expected, what);
        values.add(score.values());
      }
    }
    return values;
  }

  private static EncodedTask encode(Task task, GoldenModel model, Tokenizer tokenizer) {
    return EncodedTask.of(
        task,
        new OpenModel(
            "golden",
            model.source(),
            tokenizer,
            model.source().sha256(),
            new TreeSet<>(model.source().stops())));
  }

  private static Answers answers(GoldenModel model, Tokenizer tokenizer) {
    return new Answers(
        new Scorer(model.decoder(), Runner.TOKENS_PER_PASS),
        new Generator(model.decoder(), tokenizer, model.source().stops()));
  }

  private static void assertTokens(
      EncodedTask.Item item, Map<String, Object> expected, String what) {
    for (int i = 0; i < item.windows().size(); i++) {
      Request.Tokens window = item.windows().get(i).getFirst();
      List<Long> targets =
          Arrays.stream(window.ids()).skip(window.firstScored()).asLongStream().boxed().toList();
      assertEquals(targets, ((List<?>) expected.get("continuation_tokens")).get(i), what);
      List<?> dropped = (List<?>) expected.get("truncated_left");
      long cut = dropped == null ? 0 : (Long) dropped.get(i);
      assertEquals((long) window.firstScored(), (Long) expected.get("context_tokens") - cut, what);
    }
  }

  private static void assertResponses(
      List<Response> responses, Map<String, Object> expected, String what) {
    if (expected.containsKey("response")) {
      assertEquals(responses.getFirst().text(), expected.get("response"), what);
      return;
    }
    List<Double> golden = logLikelihoods(expected);
    assertEquals(responses.size(), golden.size(), what);
    for (int i = 0; i < golden.size(); i++) {
      Response response = responses.get(i);
      assertEquals(response.logLikelihood(), golden.get(i), tolerance(response.tokens()), what);
      assertEquals(response.greedy(), ((List<?>) expected.get("is_greedy")).get(i), what);
    }
  }

  /** The harness's own batches differ by 4e-5; a long continuation adds up more of it. */
  private static double tolerance(int tokens) {
    return tokens <= 16 ? 1e-3 : 5e-3;
  }

  private static List<Double> logLikelihoods(Map<String, Object> expected) {
    return ((List<?>) expected.get("loglikelihoods"))
        .stream().map(value -> ((Number) value).doubleValue()).toList();
  }

  private static void assertMetrics(
      Task task, Map<String, Double> values, Map<String, Object> expected, String what) {
    Map<?, ?> golden = (Map<?, ?>) expected.get("metrics");
    assertEquals(values.keySet(), golden.keySet(), what);
    for (TaskMetric metric : task.metrics()) {
      double reference = ((Number) golden.get(metric.name())).doubleValue();
      boolean sum = metric.aggregation() == Aggregation.EXP_NEGATIVE_MEAN;
      double ours = values.get(metric.name());
      assertTrue(
          Math.abs(ours - reference) <= (sum ? 1e-3 : 0) || isTie(expected),
          "%s: %s is %s, expected %s".formatted(what, metric.name(), ours, reference));
    }
  }

  /** Whether two options are so close that rounding may swap them. */
  private static boolean isTie(Map<String, Object> expected) {
    double[] sorted =
        logLikelihoods(expected).stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return IntStream.range(1, sorted.length).anyMatch(i -> sorted[i] - sorted[i - 1] < 1e-4);
  }

  private static void assertAggregates(Run run, List<Map<String, Double>> values, double tolerance)
      throws IOException {
    JsonObject summary = summary(run);
    for (TaskMetric metric : run.load().metrics()) {
      String[] key = metric.name().split(",", 2);
      String filter = key.length == 2 ? key[1] : "none";
      double expected = summary.get(key[0] + "," + filter).getAsDouble();
      // An exponential of sums that agree to 1e-3 agrees to about 1e-3 of itself.
      double relative = metric.aggregation() == Aggregation.EXP_NEGATIVE_MEAN ? 1e-3 : tolerance;
      assertEquals(
          Aggregates.value(metric, values),
          expected,
          relative * Math.max(1, expected),
          run + " " + metric.name());
      JsonElement error = summary.get(key[0] + "_stderr," + filter);
      OptionalDouble ours = Aggregates.standardError(metric, values);
      if (error.getAsString().equals("N/A")) {
        assertEquals(ours, OptionalDouble.empty());
      } else {
        assertEquals(
            ours.orElseThrow(),
            error.getAsDouble(),
            relative * Math.max(1, error.getAsDouble()),
            run + " error of " + metric.name());
      }
    }
  }

  private static JsonObject summary(Run run) throws IOException {
    String text = Files.readString(Shared.path("golden/lmeval/" + run.model + ".summary.json"));
    return JsonParser.parseString(text)
        .getAsJsonObject()
        .getAsJsonObject("tasks")
        .getAsJsonObject(run.task + "." + run.shots + "shot")
        .getAsJsonObject("results")
        .getAsJsonObject(run.task);
  }

  @Test
  public void firstWikitextPageAgrees() {
    pages(new Run("stories260K", "wikitext", 0, "", 1));
  }

  @DataProvider
  public Object[][] wholePages() {
    return new Object[][] {
      {new Run("stories260K", "wikitext", 0, "", Integer.MAX_VALUE)},
      {new Run("smollm2-135m", "wikitext", 0, "", Integer.MAX_VALUE)}
    };
  }

  @Test(dataProvider = "wholePages", groups = "long")
  public void wikitextPagesAgree(Run run) throws IOException {
    assertAggregates(run, pages(run), 2e-5);
  }

  /**
   * The harness adds up 49,152 exponentials in fp32, 16 sums side by side, and loses small terms:
   * each token comes out 8e-6 too likely. Adding ours up its way gives its page sums to 1e-7, and
   * adding in float64 gives ours.
   */
  private static double softmaxBias(Run run) {
    return run.model.equals("smollm2-135m") ? 1e-5 : 0;
  }

  private static List<Map<String, Double>> pages(Run run) {
    List<Row> golden = run.golden();
    List<Map<String, Double>> values = new ArrayList<>();
    try (GoldenModel model = GoldenModel.open(run.model, "fp32", 0);
        Tokenizer tokenizer = model.tokenizer()) {
      Task task = run.load();
      EncodedTask encoded = encode(task, model, tokenizer);
      assertEquals(encoded.items().size(), golden.size());
      List<List<Response>> responses = answers(model, tokenizer).to(encoded.items());
      for (int i = 0; i < golden.size(); i++) {
        Map<String, Object> expected = golden.get(i).values();
        String what = run + " page " + i;
        Response response = responses.get(i).getFirst();
        double logLikelihood = ((Number) expected.get("loglikelihood")).doubleValue();
        assertEquals(
            response.logLikelihood(),
            logLikelihood,
            1e-6 * Math.abs(logLikelihood) + softmaxBias(run) * response.tokens(),
            what);
        Map<String, Double> ours =
            task.score(encoded.items().get(i).item(), responses.get(i)).values();
        assertEquals(ours.get("words"), ((Number) expected.get("words")).doubleValue(), what);
        assertEquals(ours.get("bytes"), ((Number) expected.get("bytes")).doubleValue(), what);
        values.add(ours);
      }
    }
    return values;
  }
}
