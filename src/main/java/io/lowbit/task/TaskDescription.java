// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.task.TaskDefinition.DataSource;
import io.lowbit.task.TaskDefinition.MetricRule;
import io.lowbit.task.TaskDefinition.Questions;
import io.lowbit.task.TaskDefinition.RunningText;
import io.lowbit.text.Request;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Tasks and items as text for people. */
public final class TaskDescription {
  private TaskDescription() {}

  /** What a task file says, a fact a line. */
  public static String of(TaskDefinition definition) {
    StringBuilder text = new StringBuilder();
    line(text, "task", definition.name() + ", version " + definition.version());
    line(text, "about", definition.summary());
    line(text, "type", definition.type());
    switch (definition.content()) {
      case Questions questions -> questions(text, questions);
      case RunningText running -> {
        line(text, "asks", "perplexity");
        line(text, "protocol", running.protocol().name() + " unless another is named");
      }
    }
    for (Map.Entry<String, DataSource> split : definition.splits().entrySet()) {
      DataSource source = split.getValue();
      String scored = split.getKey().equals(definition.scoredSplit()) ? ", scored" : "";
      String rows = source.rows() > 0 ? ", " + source.rows() + " rows" : "";
      String pin = source.sha256().map(hash -> ", sha256 " + hash).orElse(", not pinned");
      line(text, "data", split.getKey() + ": " + source.path() + rows + scored + pin);
    }
    if (!definition.upstream().dataset().isEmpty()) {
      line(text, "upstream", definition.upstream().dataset());
    }
    return text.toString();
  }

  private static void questions(StringBuilder text, Questions questions) {
    line(text, "asks", questions.outputType().name().toLowerCase(Locale.ROOT));
    line(text, "shots", Integer.toString(questions.fewShot().shots()));
    line(text, "question", quoted(questions.prompt().text().source()));
    line(text, "answer", quoted(questions.prompt().target().source()));
    questions
        .prompt()
        .choices()
        .ifPresent(choices -> line(text, "choices", quoted(choices.source())));
    line(
        text,
        "metrics",
        questions.metrics().stream()
            .map(MetricRule::metric)
            .map(TaskDescription::metric)
            .collect(Collectors.joining(", ")));
  }

  private static String metric(TaskMetric metric) {
    return Double.isNaN(metric.chance())
        ? metric.name()
        : String.format(Locale.ROOT, "%s (chance %.3g)", metric.name(), metric.chance());
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(String.format("%-10s%s%n", key, value));
  }

  private static String quoted(String source) {
    return "\"" + source.replace("\n", "\\n") + "\"";
  }

  /**
   * The requests of one item exactly as a model gets them, between marks that are no part of them.
   *
   * @throws IllegalArgumentException if there is no such item or the data does not fit
   */
  public static String ofItem(
      TaskDefinition definition, DataRoot data, TaskOptions options, int position) {
    Task task = Task.load(definition, data, options);
    List<TaskItem> items =
        switch (task) {
          case QuestionTask questions -> questions.items();
          case PerplexityTask perplexity -> perplexity.documents();
        };
    TaskItem item =
        items.stream()
            .filter(candidate -> candidate.id().equals(Integer.toString(position)))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    definition.name()
                        + " has no scored item "
                        + position
                        + "; there are "
                        + items.size()
                        + ", the first is "
                        + items.getFirst().id()));
    StringBuilder text = new StringBuilder();
    line(text, "task", task.name() + ", item " + item.id() + ", cluster " + item.cluster());
    line(text, "protocol", task.protocol());
    task.notes().forEach(note -> line(text, "note", note));
    requests(text, item);
    if (!item.target().isEmpty()) {
      mark(text, item.gold() < 0 ? "target" : "target (choice " + item.gold() + ")");
      text.append(item.target()).append('\n');
    }
    return text.toString();
  }

  private static void requests(StringBuilder text, TaskItem item) {
    String shown = "";
    for (Request request : item.requests()) {
      switch (request) {
        case Request.LogLikelihood(String context, String continuation) -> {
          if (!context.equals(shown)) {
            mark(text, "context");
            text.append(context).append('\n');
            shown = context;
          }
          mark(text, "continuation");
          text.append(continuation).append('\n');
        }
        case Request.Generate(String prompt, List<String> stops, int maxNewTokens) -> {
          mark(text, "prompt");
          text.append(prompt).append('\n');
          mark(text, "at most " + maxNewTokens + " new tokens, stops " + quoted(stops.toString()));
        }
        case Request.Rolling(String document) -> {
          mark(
              text, "text of " + item.words() + " words and " + item.bytes() + " bytes originally");
          text.append(document).append('\n');
        }
        case Request.Tokens tokens ->
            throw new IllegalStateException(tokens.ids().length + " tokens have no text");
      }
    }
  }

  private static void mark(StringBuilder text, String name) {
    text.append("--- ").append(name).append(" ---\n");
  }
}
