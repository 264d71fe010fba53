// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import java.nio.file.Path;
import java.util.List;

/**
 * A model under a scheme on a task: what is worked off as one and kept in one file.
 *
 * @param model the model
 * @param scheme the scheme
 * @param task the task with its items, encoded for the model
 * @param file where its records go
 * @param missing items of the task that have no record yet
 */
record Unit(
    OpenModel model,
    Study.SchemeEntry scheme,
    EncodedTask task,
    Path file,
    List<EncodedTask.Item> missing) {

  /** Tokens that the missing items take. */
  long tokens() {
    return missing.stream().mapToLong(EncodedTask.Item::tokens).sum();
  }

  /** For progress lines: model, scheme and task. */
  String label() {
    return model.name() + "  " + scheme.name() + "  " + task.task().name();
  }
}
