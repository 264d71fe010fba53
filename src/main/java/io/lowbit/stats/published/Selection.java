// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which observations a finding is about. An empty list asks for nothing.
 *
 * @param low numbers of bits, as {@code w4}, {@code w4a8}, {@code kv4}; empty = whatever is low-bit
 * @param methods of the weights; the empty text is rounding to nearest
 * @param schemes names of schemes, where bits do not tell them apart
 * @param models parts of models' names
 * @param types of tasks
 * @param tasks by the paper's names
 * @param metrics by the paper's names
 * @param details parts of the tasks
 */
public record Selection(
    List<String> low,
    List<String> methods,
    List<String> schemes,
    List<String> models,
    List<String> types,
    List<String> tasks,
    List<String> metrics,
    List<String> details) {

  /** What it selects. */
  List<Observation> of(List<Observation> all) {
    return all.stream().filter(this::isScheme).filter(this::isTask).filter(this::isModel).toList();
  }

  /** What it selects without low bits. */
  List<Observation> fullOf(List<Observation> all) {
    return all.stream()
        .filter(one -> one.bits().isFull())
        .filter(this::isTask)
        .filter(this::isModel)
        .toList();
  }

  private boolean isScheme(Observation one) {
    return !one.bits().isFull()
        && isAsked(low, one.bits().text())
        && isAsked(methods, one.bits().method())
        && isAsked(schemes, one.scheme());
  }

  private boolean isTask(Observation one) {
    return isAsked(types, one.type())
        && isAsked(tasks, one.task())
        && isAsked(metrics, one.metric())
        && isAsked(details, one.detail());
  }

  private boolean isModel(Observation one) {
    return models.isEmpty() || models.stream().anyMatch(one.model()::contains);
  }

  private static boolean isAsked(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  /** Why there is no value of it: what it asks for and what there is. */
  String missing(List<Observation> all) {
    if (!of(all).isEmpty()) {
      return "%s: without low bits nothing here is far enough above chance to lose it"
          .formatted(tasksAsked());
    }
    List<Observation> ofTask = all.stream().filter(this::isTask).toList();
    if (ofTask.isEmpty()) {
      return "it needs %s; here are %s".formatted(tasksAsked(), names(all, Observation::task));
    }
    List<Observation> ofScheme = all.stream().filter(this::isScheme).toList();
    if (ofScheme.isEmpty()) {
      return "it needs %s; here are %s".formatted(schemesAsked(), names(all, Observation::scheme));
    }
    if (all.stream().noneMatch(this::isModel)) {
      return "it needs a model called " + String.join(" or ", models);
    }
    return "no model here has both %s and %s".formatted(schemesAsked(), tasksAsked());
  }

  private String tasksAsked() {
    List<String> asked = tasks.isEmpty() ? types : tasks;
    String parts = details.isEmpty() ? "" : " at " + String.join(" or ", details);
    return (asked.isEmpty() ? "scores" : String.join(" or ", asked)) + parts;
  }

  private String schemesAsked() {
    List<String> asked = !schemes.isEmpty() ? schemes : low.isEmpty() ? List.of("low bits") : low;
    String by =
        methods.isEmpty()
            ? ""
            : methods.stream()
                .map(one -> one.isEmpty() ? "rounding to nearest" : one)
                .collect(Collectors.joining(" or ", " by ", ""));
    return String.join(" or ", asked) + by;
  }

  private static String names(List<Observation> all, Function<Observation, String> name) {
    String names = String.join(", ", new TreeSet<>(all.stream().map(name).toList()));
    return names.isEmpty() ? "none" : names;
  }
}
