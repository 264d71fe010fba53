// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import java.util.Comparator;
import java.util.List;

/**
 * What a group of tasks asks of a model.
 *
 * @param name as records call it
 * @param isText whether it is about the perplexities of texts rather than about scores
 */
public record TaskType(String name, boolean isText) implements Comparable<TaskType> {

  static final String EMERGENT = "emergent";
  static final String LONG_CONTEXT = "long-context";

  /** The perplexities of texts, whatever task they belong to. */
  public static final TaskType LANGUAGE_MODELLING = new TaskType("language modelling", true);

  private static final List<String> ORDER =
      List.of("basic", EMERGENT, "trustworthiness", "dialogue", LONG_CONTEXT);

  private static final Comparator<TaskType> COMPARATOR =
      Comparator.comparing(TaskType::isText)
          .thenComparingInt(type -> type.place())
          .thenComparing(TaskType::name);

  private int place() {
    int place = ORDER.indexOf(name);
    return place < 0 ? ORDER.size() : place;
  }

  @Override
  public int compareTo(TaskType other) {
    return COMPARATOR.compare(this, other);
  }
}
