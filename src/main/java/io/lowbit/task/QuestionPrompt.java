// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.DataFile;
import io.lowbit.table.Row;
import io.lowbit.task.TaskDefinition.Generation;
import io.lowbit.task.TaskDefinition.Prompt;
import io.lowbit.task.TaskDefinition.Questions;
import io.lowbit.text.NearestName;
import io.lowbit.text.Request;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Assembles prompts: description, then each example as question, delimiter, answer and few-shot
 * delimiter, then the question.
 */
final class QuestionPrompt {
  /** Longer cluster names are replaced by a hash: a passage is no name. */
  private static final int LONGEST_CLUSTER = 40;

  private final Questions questions;
  private final Prompt prompt;
  private final OptionalInt maxNewTokens;

  QuestionPrompt(Questions questions, OptionalInt maxNewTokens) {
    this.questions = questions;
    this.prompt = questions.prompt();
    this.maxNewTokens = maxNewTokens;
  }

  TaskItem item(int position, Row row, List<Row> examples, List<Integer> shots) {
    StringBuilder text = new StringBuilder(prompt.description());
    for (Row example : examples) {
      String question = prompt.text().text(example);
      text.append(question)
          .append(question.isEmpty() ? "" : prompt.targetDelimiter())
          .append(answer(example))
          .append(prompt.fewShotDelimiter());
    }
    text.append(prompt.text().text(row));
    String context = text.toString();
    String id = Integer.toString(position);
    List<String> choices = choices(row);
    int gold = choices.isEmpty() ? -1 : gold(row, choices);
    String target = gold < 0 ? prompt.target().text(row) : choices.get(gold);
    requireRules(row, target);
    return new TaskItem(
        id,
        questions.cluster().map(column -> cluster(row, column)).orElse(id),
        requests(context, row, choices),
        choices,
        gold,
        target,
        0,
        0,
        shots,
        traits(row));
  }

  private Map<String, Double> traits(Row row) {
    Map<String, Double> traits = new LinkedHashMap<>();
    for (String column : questions.traits()) {
      if (!(row.values().get(column) instanceof Number number)) {
        throw new IllegalArgumentException(
            "%s: the trait '%s' must be a number, but is %s%s"
                .formatted(
                    row.origin(),
                    column,
                    row.values().get(column),
                    NearestName.hint(column, row.values().keySet())));
      }
      traits.put(column, number.doubleValue());
    }
    return traits;
  }

  /** Rules that cannot be read are found before a model is asked. */
  private void requireRules(Row row, String target) {
    if (questions.metrics().stream()
        .anyMatch(rule -> rule.metric().name().equals(QuestionScore.OBEDIENCE))) {
      try {
        AnswerRule.parse(target);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(row.origin() + ": " + e.getMessage(), e);
      }
    }
  }

  private List<Request> requests(String context, Row row, List<String> choices) {
    return switch (questions.outputType()) {
      case MULTIPLE_CHOICE ->
          choices.stream()
              .map(choice ->
                  (Request) new Request.LogLikelihood(context, prompt.targetDelimiter() + choice))
              .toList();
      case LOGLIKELIHOOD ->
          List.of(
              new Request.LogLikelihood(
                  context, prompt.targetDelimiter() + prompt.target().text(row)));
      case GENERATE_UNTIL -> {
        Generation limits = questions.generation().orElseThrow();
        yield List.of(
            new Request.Generate(
                context, limits.stops(), maxNewTokens.orElse(limits.maxNewTokens())));
      }
      case LOGLIKELIHOOD_ROLLING ->
          throw new IllegalStateException("running text has no questions");
    };
  }

  private List<String> choices(Row row) {
    return prompt.choices().map(choices -> choices.list(row)).orElse(List.of());
  }

  private String answer(Row row) {
    List<String> choices = choices(row);
    return choices.isEmpty() ? prompt.target().text(row) : choices.get(gold(row, choices));
  }

  /** An index, written as a number or as digits, or the right choice itself. */
  private int gold(Row row, List<String> choices) {
    String target = prompt.target().text(row);
    int gold = target.matches("[0-9]{1,9}") ? Integer.parseInt(target) : choices.indexOf(target);
    if (gold < 0 || gold >= choices.size()) {
      throw new IllegalArgumentException(
          row.origin()
              + ": the answer '"
              + target
              + "' is neither one of the "
              + choices.size()
              + " choices nor the index of one, counted from 0");
    }
    return gold;
  }

  private static String cluster(Row row, String column) {
    if (!row.values().containsKey(column)) {
      throw new IllegalArgumentException(
          row.origin()
              + ": there is no cluster column '"
              + column
              + "'"
              + NearestName.hint(column, row.values().keySet()));
    }
    String value = String.valueOf(row.values().get(column));
    if (value.length() <= LONGEST_CLUSTER) {
      return value;
    }
    return DataFile.sha256(value.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
