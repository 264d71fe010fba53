// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results.published;

import java.util.List;
import java.util.Locale;

/**
 * What a paper's name of a model means.
 *
 * @param name as the source spells it
 * @param tasks the only tasks in which it means this; empty = all others
 * @param checkpoints repositories of the weights, {@code meta-llama/Llama-2-7b-hf}; several where
 *     the source names no version
 * @param billions number of weights in 10⁹
 * @param note what the source leaves open
 */
public record PublishedModel(
    String name, List<String> tasks, List<String> checkpoints, double billions, String note) {

  static PublishedModel of(Table.Line line) {
    String tasks = line.text("tasks");
    return new PublishedModel(
        line.text("model"),
        tasks.isEmpty() ? List.of() : List.of(tasks.split("\\|")),
        List.of(line.text("checkpoint").split("\\|")),
        line.number("billions"),
        line.text("note"));
  }

  /** Whether a model at hand is called like this checkpoint: its repository, with or without it. */
  public boolean isNamed(String here) {
    String name = plain(here);
    return checkpoints.stream()
        .anyMatch(one ->
            name.equals(plain(one)) || name.equals(plain(one.substring(one.indexOf('/') + 1))));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceFirst("^hf:", "").replaceAll("[^a-z0-9]", "");
  }
}
