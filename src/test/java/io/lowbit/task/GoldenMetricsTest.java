// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import static org.testng.Assert.assertEquals;

import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;

/** Extraction, comparison and counting against lm-evaluation-harness's own functions. */
public class GoldenMetricsTest {
  @Test
  public void gsm8kExtraction() {
    TaskDefinition.Questions gsm8k =
        (TaskDefinition.Questions) TaskCatalogue.find("gsm8k").content();
    AnswerFilter strict = gsm8k.filters().get(0);
    AnswerFilter flexible = gsm8k.filters().get(1);
    TextComparison comparison = gsm8k.metrics().getFirst().comparison();
    for (Row row : golden("gsm8k.jsonl")) {
      Map<String, Object> expected = row.values();
      String response = (String) expected.get("response");
      String target = (String) expected.get("target");
      assertEquals(strict.extract(response), expected.get("strict"), row.origin());
      assertEquals(flexible.extract(response), expected.get("flexible"), row.origin());
      assertEquals(
          comparison.same(strict.extract(response), target),
          expected.get("strict_match").equals(1.0),
          row.origin());
      assertEquals(
          comparison.same(flexible.extract(response), target),
          expected.get("flexible_match").equals(1.0),
          row.origin());
    }
  }

  @Test
  public void exactMatchOptions() {
    for (Row row : golden("exact_match_options.jsonl")) {
      Map<String, Object> expected = row.values();
      TextComparison comparison =
          new TextComparison(
              List.of(),
              (Boolean) expected.get("ignore_case"),
              (Boolean) expected.get("ignore_punctuation"),
              (Boolean) expected.get("ignore_numbers"));
      assertEquals(
          comparison.same((String) expected.get("prediction"), (String) expected.get("reference")),
          expected.get("exact_match").equals(1.0),
          row.origin());
    }
  }

  @Test
  public void wordsBytesAndDetokenizedText() {
    for (Row row : golden("words_bytes.jsonl")) {
      Map<String, Object> expected = row.values();
      String text = (String) expected.get("text");
      assertEquals(PythonText.words(text), expected.get("words"), row.origin());
      assertEquals(
          (long) text.getBytes(StandardCharsets.UTF_8).length,
          expected.get("utf8_bytes"),
          row.origin());
      if (expected.containsKey("detokenised")) {
        assertEquals(WikiText.detokenize(text), expected.get("detokenised"), row.origin());
      }
    }
  }

  /** The rows name the chosen index; the gold is set to each in turn. */
  @Test
  public void choices() {
    TaskDefinition definition =
        TaskDefinitionReader.read(
            "choices.yaml", QuestionTaskTest.choiceTask("acc", "acc_norm", "acc_bytes"));
    TaskDefinition.Questions questions = (TaskDefinition.Questions) definition.content();
    for (Row row : golden("choice_scoring.jsonl")) {
      List<String> choices = new ArrayList<>();
      List<Response> responses = new ArrayList<>();
      List<Request> requests = new ArrayList<>();
      for (Object choice : (List<?>) row.values().get("choices")) {
        choices.add((String) choice);
        requests.add(new Request.LogLikelihood("", (String) choice));
      }
      for (Object value : (List<?>) row.values().get("loglikelihood")) {
        responses.add(Response.ofLogLikelihood(((Number) value).doubleValue(), false, 1));
      }
      for (int gold = 0; gold < choices.size(); gold++) {
        TaskItem item =
            new TaskItem(
                "0", "0", requests, choices, gold, choices.get(gold), 0, 0, List.of(), Map.of());
        Map<String, Double> values = QuestionScore.of(questions, item, responses).values();
        for (String metric : List.of("acc", "acc_norm", "acc_bytes")) {
          boolean right = row.values().get(metric + "_choice").equals((long) gold);
          assertEquals(values.get(metric), right ? 1.0 : 0.0, row.origin() + " " + metric);
        }
      }
    }
  }

  private static List<Row> golden(String file) {
    return Rows.read(Shared.path("golden/metrics/" + file));
  }
}
