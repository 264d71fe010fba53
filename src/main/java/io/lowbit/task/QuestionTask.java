// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.task.TaskDefinition.DataSource;
import io.lowbit.task.TaskDefinition.FewShot;
import io.lowbit.task.TaskDefinition.MetricRule;
import io.lowbit.task.TaskDefinition.Questions;
import io.lowbit.text.NearestName;
import io.lowbit.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Questions made from the rows of a table. */
public final class QuestionTask implements Task {
  private final TaskDefinition definition;
  private final Questions questions;
  private final TaskOptions options;
  private final DataRoot.Located file;
  private final List<String> notes;
  private final List<Row> rows;
  private final List<Row> pool;
  private final int shots;

  private QuestionTask(
      TaskDefinition definition, Questions questions, DataRoot data, TaskOptions options) {
    this.definition = definition;
    this.questions = questions;
    this.options = options;
    this.shots = options.shots().orElse(questions.fewShot().shots());
    this.file = data.locate(SplitChoice.scored(definition, options));
    this.notes = new ArrayList<>(SplitChoice.notes(definition, options, file));
    this.rows = read(file);
    checkRowCount();
    this.pool = shots == 0 ? List.of() : pool(data);
  }

  static QuestionTask load(
      TaskDefinition definition, Questions questions, DataRoot data, TaskOptions options) {
    if (options.protocol().isPresent()) {
      throw new IllegalArgumentException(
          definition.name()
              + " asks questions, so the perplexity protocol '"
              + options.protocol().get().name()
              + "' does not apply to it");
    }
    if (options.maxNewTokens().isPresent() && questions.generation().isEmpty()) {
      throw new IllegalArgumentException(
          definition.name() + " generates no text, so a limit of new tokens does not apply to it");
    }
    return new QuestionTask(definition, questions, data, options);
  }

  /** A shorter or longer file is other data, even where hashes are waived. */
  private void checkRowCount() {
    int expected = SplitChoice.scored(definition, options).rows();
    if (expected > 0 && expected != rows.size()) {
      notes.add("has " + rows.size() + " rows where " + expected + " were expected");
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(file.path() + ": the file has no rows");
    }
  }

  private List<Row> pool(DataRoot data) {
    if (options.fewShotPool().isPresent()) {
      RowRange range = options.fewShotPool().get();
      if (range.last() >= rows.size()) {
        throw new IllegalArgumentException(
            file.path()
                + ": the few-shot pool "
                + range
                + " goes past the last row, "
                + (rows.size() - 1));
      }
      return rows.subList(range.first(), range.last() + 1);
    }
    String split =
        questions
            .fewShot()
            .split()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    definition.name()
                        + " names no split for few-shot examples; set a few-shot pool"
                        + " FIRST-LAST of rows of the scored file, which then are not scored"));
    DataSource source = definition.splits().get(split);
    try {
      DataRoot.Located located = data.locate(source);
      notes.addAll(located.notes());
      return read(located);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the few-shot examples of "
              + definition.name()
              + ": "
              + e.getMessage()
              + "; or set a few-shot pool FIRST-LAST of rows of the scored file",
          e);
    }
  }

  private List<Row> read(DataRoot.Located located) {
    List<Row> read = Rows.read(located.path());
    return questions.columns().isEmpty() ? read : read.stream().map(this::renamed).toList();
  }

  private Row renamed(Row row) {
    Map<String, Object> values = new LinkedHashMap<>(row.values());
    questions
        .columns()
        .forEach((name, original) -> {
          if (!row.values().containsKey(original)) {
            throw new IllegalArgumentException(
                row.origin()
                    + ": there is no column '"
                    + original
                    + "'"
                    + NearestName.hint(original, row.values().keySet()));
          }
          values.put(name, row.values().get(original));
        });
    return new Row(row.origin(), values);
  }

  @Override
  public TaskDefinition definition() {
    return definition;
  }

  @Override
  public String name() {
    return shots == 0 ? definition.name() : definition.name() + " (" + shots + "-shot)";
  }

  @Override
  public String protocol() {
    String pool =
        options.fewShotPool().map(range -> " from rows " + range).filter(_ -> shots > 0).orElse("");
    String seed =
        shots > 0 && options.seed() != TaskOptions.DEFAULT_SEED ? ", seed " + options.seed() : "";
    return "lm-eval, " + shots + "-shot" + pool + seed + "; BOS only where the tokenizer adds it";
  }

  @Override
  public String dataSha256() {
    return file.sha256();
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public List<TaskMetric> metrics() {
    List<TaskMetric> metrics = new ArrayList<>();
    for (MetricRule rule : questions.metrics()) {
      TaskMetric metric = rule.metric();
      if (questions.filters().size() < 2) {
        metrics.add(metric);
      } else {
        for (AnswerFilter filter : questions.filters()) {
          metrics.add(
              new TaskMetric(
                  QuestionScore.filteredName(metric, filter),
                  metric.aggregation(),
                  metric.higherIsBetter(),
                  metric.chance()));
        }
      }
    }
    return metrics;
  }

  @Override
  public List<TaskItem> items(Tokenizer tokenizer) {
    return items();
  }

  /** The items in order; no tokenizer is needed. */
  public List<TaskItem> items() {
    Optional<RowRange> unscored = options.fewShotPool().filter(_ -> shots > 0);
    QuestionPrompt prompt = new QuestionPrompt(questions, options.maxNewTokens());
    FewShot rule = questions.fewShot();
    FewShotSampler sampler = new FewShotSampler(pool, rule, shots, options.seed());
    long wanted = options.offset() + (long) options.limit().orElse(rows.size());
    List<TaskItem> items = new ArrayList<>();
    for (int i = 0; i < rows.size() && items.size() < wanted; i++) {
      int position = i;
      if (unscored.filter(range -> range.contains(position)).isPresent()) {
        continue;
      }
      Row row = rows.get(i);
      List<Integer> drawn = sampler.draw(row);
      items.add(prompt.item(i, row, drawn.stream().map(pool::get).toList(), drawn));
    }
    return SplitChoice.slice(definition.name(), items, options);
  }

  @Override
  public ItemScore score(TaskItem item, List<Response> responses) {
    return QuestionScore.of(questions, item, ResponseCheck.all(item, responses));
  }
}
