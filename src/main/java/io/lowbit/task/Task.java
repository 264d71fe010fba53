// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.text.Tokenizer;
import java.util.List;

/** A benchmark over data that was found and read: what to ask, and how answers are scored. */
public sealed interface Task permits QuestionTask, PerplexityTask {
  /**
   * Reads the data of a task.
   *
   * @throws IllegalArgumentException if data is missing, malformed or not the pinned release, or an
   *     option does not fit the task
   */
  static Task load(TaskDefinition definition, DataRoot data, TaskOptions options) {
    return switch (definition.content()) {
      case TaskDefinition.Questions questions ->
          QuestionTask.load(definition, questions, data, options);
      case TaskDefinition.RunningText text -> PerplexityTask.load(definition, text, data, options);
    };
  }

  /** What the task file says. */
  TaskDefinition definition();

  /** The task's name, with the number of examples if there are any. */
  String name();

  /** How it is scored, with the rule about BOS. */
  String protocol();

  /** Hash of the scored data file. */
  String dataSha256();

  /** What should be said beside every result: data that is not pinned, another split. */
  List<String> notes();

  /** The metrics, the primary one first. */
  List<TaskMetric> metrics();

  /**
   * The items in order.
   *
   * @param tokenizer cuts running text into windows; questions do not need it
   */
  List<TaskItem> items(Tokenizer tokenizer);

  /**
   * Scores one item.
   *
   * @param responses one per request of the item, in order
   * @throws IllegalArgumentException if their number is wrong or a log-likelihood is not a number
   */
  ItemScore score(TaskItem item, List<Response> responses);
}
