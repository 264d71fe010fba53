// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.task.TaskDefinition.MetricRule;
import io.lowbit.task.TaskDefinition.Questions;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Per-item metrics of lm-evaluation-harness. */
final class QuestionScore {
  /**
   * Share of pairs of which the first sentence, the stereotype, is more likely (CrowS-Pairs); a
   * model without the stereotypes is at one half.
   */
  static final String STEREOTYPE = "pct_stereotype";

  /** Share of answers that obey every rule of their item (IFEval); the target is the rules. */
  static final String OBEDIENCE = "prompt_level_strict_acc";

  private QuestionScore() {}

  /** Key of a metric of one of several filters. */
  static String filteredName(TaskMetric metric, AnswerFilter filter) {
    return metric.name() + "," + filter.name();
  }

  static ItemScore of(Questions questions, TaskItem item, List<Response> responses) {
    return switch (questions.outputType()) {
      case MULTIPLE_CHOICE -> choice(questions, item, responses);
      case LOGLIKELIHOOD -> likelihood(questions, item, responses.getFirst());
      case GENERATE_UNTIL -> answer(questions, item, responses.getFirst());
      case LOGLIKELIHOOD_ROLLING ->
          throw new IllegalStateException("running text has no questions");
    };
  }

  private static ItemScore choice(Questions questions, TaskItem item, List<Response> responses) {
    List<String> choices = item.choices();
    double[] sums = new double[choices.size()];
    double[] perCodePoint = new double[choices.size()];
    double[] perByte = new double[choices.size()];
    for (int i = 0; i < choices.size(); i++) {
      String choice = choices.get(i);
      sums[i] = responses.get(i).logLikelihood();
      perCodePoint[i] = sums[i] / choice.codePointCount(0, choice.length());
      perByte[i] = sums[i] / choice.getBytes(StandardCharsets.UTF_8).length;
    }
    Map<String, Double> values = new LinkedHashMap<>();
    for (MetricRule rule : questions.metrics()) {
      String name = rule.metric().name();
      boolean right =
          switch (name) {
            case "acc" -> firstArgMax(sums) == item.gold();
            case STEREOTYPE -> firstArgMax(sums) == item.gold();
            case "acc_norm" -> firstArgMax(perCodePoint) == item.gold();
            case "acc_bytes" -> firstArgMax(perByte) == item.gold();
            case "exact_match" -> responses.get(item.gold()).greedy();
            default -> throw new IllegalStateException("no choice metric is called " + name);
          };
      values.put(name, right ? 1.0 : 0.0);
    }
    return new ItemScore(
        values,
        responses.stream().map(Response::logLikelihood).toList(),
        choices.get(firstArgMax(sums)),
        item.target());
  }

  private static ItemScore likelihood(Questions questions, TaskItem item, Response response) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (MetricRule rule : questions.metrics()) {
      String name = rule.metric().name();
      double value =
          switch (name) {
            case "perplexity" -> response.logLikelihood();
            case "acc" -> response.greedy() ? 1.0 : 0.0;
            default -> throw new IllegalStateException("no likelihood metric is called " + name);
          };
      values.put(name, value);
    }
    // Only the right answer is scored, so a wrong prediction has no text.
    String prediction = response.greedy() ? item.target() : "";
    return new ItemScore(values, List.of(response.logLikelihood()), prediction, item.target());
  }

  private static ItemScore answer(Questions questions, TaskItem item, Response response) {
    Map<String, Double> values = new LinkedHashMap<>();
    List<AnswerFilter> filters = questions.filters();
    for (MetricRule rule : questions.metrics()) {
      for (AnswerFilter filter : filters) {
        String answer = filter.extract(response.text());
        boolean right =
            rule.metric().name().equals(OBEDIENCE)
                ? AnswerRule.parse(item.target()).stream().allMatch(r -> r.isObeyedBy(answer))
                : rule.comparison().same(answer, item.target());
        String name =
            filters.size() < 2 ? rule.metric().name() : filteredName(rule.metric(), filter);
        values.put(name, right ? 1.0 : 0.0);
      }
    }
    String prediction = filters.getFirst().extract(response.text());
    return new ItemScore(values, List.of(), prediction, item.target());
  }

  private static int firstArgMax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
