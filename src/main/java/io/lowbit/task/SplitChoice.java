// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.task.TaskDefinition.DataSource;
import io.lowbit.task.TaskDefinition.Upstream;
import io.lowbit.text.NearestName;
import java.util.ArrayList;
import java.util.List;

/** Which split and which items of it are scored, and what must be said about that. */
final class SplitChoice {
  private SplitChoice() {}

  /** Name of the scored split. */
  static String name(TaskDefinition definition, TaskOptions options) {
    String split = options.split().orElse(definition.scoredSplit());
    if (!definition.splits().containsKey(split)) {
      throw new IllegalArgumentException(
          definition.name()
              + " has no split '"
              + split
              + "'"
              + NearestName.hint(split, definition.splits().keySet()));
    }
    return split;
  }

  /** Data file of the scored split. */
  static DataSource scored(TaskDefinition definition, TaskOptions options) {
    return definition.splits().get(name(definition, options));
  }

  /** The file's notes, and one if published numbers score another split. */
  static List<String> notes(TaskDefinition definition, TaskOptions options, DataRoot.Located file) {
    List<String> notes = new ArrayList<>(file.notes());
    Upstream upstream = definition.upstream();
    String split = name(definition, options);
    if (!upstream.split().isEmpty() && !upstream.split().equals(split)) {
      notes.add(
          "scores the split '"
              + split
              + "'; published numbers score '"
              + upstream.split()
              + "'"
              + (upstream.rows() > 0 ? " (" + upstream.rows() + " items)" : ""));
    }
    return notes;
  }

  /** The items after the offset, up to the limit. */
  static List<TaskItem> slice(String task, List<TaskItem> items, TaskOptions options) {
    if (options.offset() >= items.size()) {
      throw new IllegalArgumentException(
          task
              + " has "
              + items.size()
              + " items; the offset "
              + options.offset()
              + " leaves none");
    }
    int left = items.size() - options.offset();
    int count = Math.min(left, options.limit().orElse(left));
    return List.copyOf(items.subList(options.offset(), options.offset() + count));
  }
}
