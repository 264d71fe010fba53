// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.model.EmbeddedModels;
import io.lowbit.quant.Scheme;
import io.lowbit.results.published.PublishedModel;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.results.published.PublishedScheme;
import io.lowbit.results.published.PublishedTask;
import io.lowbit.task.TaskCatalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A study file that does with the models at hand what a paper did with its own, as far as this
 * version can.
 *
 * @param text of the study file
 * @param missing what the paper has and the file has not, each with the reason
 */
public record PublishedStudy(String text, List<String> missing) {

  /**
   * What the user decides.
   *
   * @param models folders or files, or names of embedded models
   * @param data folder of the data files; empty = as the environment says
   * @param limit most items of a task; empty = all
   */
  public record Choice(List<String> models, Optional<Path> data, OptionalInt limit) {}

  /**
   * Lays the study out.
   *
   * @throws IllegalArgumentException if a model is neither there nor embedded
   */
  public static PublishedStudy of(PublishedPaper paper, Choice choice) {
    List<String> missing = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    lines.add("# " + paper.id().citation());
    lines.add("title: " + quoted(paper.id().text() + " with the models at hand"));
    lines.add("models:");
    choice.models().forEach(model -> lines.add("  - " + model(paper, model)));
    lines.add("schemes:");
    lines.addAll(schemes(paper, missing));
    choice
        .data()
        .ifPresent(
            folder -> lines.add("data: " + quoted(folder.toAbsolutePath().normalize().toString())));
    lines.add("on_indivisible: channel    # one grid a row where a group does not divide it");
    lines.add("output: .");
    lines.add("tasks:");
    lines.addAll(tasks(paper, choice.limit(), missing));
    if (!missing.isEmpty()) {
      lines.add("");
      lines.add("# Not in this study:");
      missing.forEach(one -> lines.add("# - " + one));
    }
    return new PublishedStudy(String.join("\n", lines) + "\n", List.copyOf(missing));
  }

  private static String model(PublishedPaper paper, String model) {
    boolean isThere = Files.exists(Path.of(model));
    if (!isThere && !EmbeddedModels.NAMES.contains(model)) {
      throw new IllegalArgumentException(
          "%s: there is no such folder or file; name a model's folder, a .gguf file or one of %s"
              .formatted(model, String.join(", ", EmbeddedModels.NAMES)));
    }
    String path = isThere ? Path.of(model).toAbsolutePath().normalize().toString() : model;
    String name = Path.of(path).getFileName().toString().replaceFirst("\\.gguf$", "");
    String known =
        paper.models().stream()
            .filter(one -> one.isNamed(name))
            .map(PublishedModel::name)
            .findFirst()
            .map(one -> "    # " + one + " of the paper")
            .orElse("");
    return quoted(path) + known;
  }

  private static List<String> schemes(PublishedPaper paper, List<String> missing) {
    List<String> lines = new ArrayList<>();
    for (PublishedScheme scheme : paper.schemes()) {
      Optional<String> reason = reason(scheme);
      if (reason.isPresent()) {
        missing.add("scheme %s: %s".formatted(scheme.printed(), reason.get()));
      } else if (!scheme.scheme().isEmpty()) {
        lines.add("  - %s    # %s".formatted(scheme.scheme(), scheme.printed()));
      }
    }
    return lines;
  }

  private static Optional<String> reason(PublishedScheme scheme) {
    if (scheme.scheme().isEmpty()) {
      // A row over several schemes is no scheme.
      return scheme.bits().isFull() ? Optional.empty() : Optional.of(scheme.note());
    }
    try {
      Scheme.parse(scheme.scheme()).requireSupported();
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      // What would work instead follows after a semicolon and is the same for all.
      return Optional.of(e.getMessage().split(";", 2)[0]);
    }
  }

  private static List<String> tasks(PublishedPaper paper, OptionalInt limit, List<String> missing) {
    List<String> names = TaskCatalogue.names();
    Set<String> taken = new HashSet<>();
    Map<String, Set<String>> unknown = new LinkedHashMap<>();
    List<String> lines = new ArrayList<>();
    for (PublishedTask task : paper.tasks()) {
      if (task.ours().isEmpty()) {
        missing.add("%s: %s".formatted(task.task(), task.note()));
      } else if (!names.contains(task.ours())) {
        unknown.computeIfAbsent(task.ours(), _ -> new LinkedHashSet<>()).add(task.task());
      } else if (taken.add(task.ours())) {
        lines.add("  - " + entry(task, limit));
      }
    }
    unknown.forEach((ours, theirs) ->
        missing.add(
            "task %s: this version has no task '%s'".formatted(String.join(", ", theirs), ours)));
    return lines;
  }

  private static String entry(PublishedTask task, OptionalInt limit) {
    String options = task.options().isEmpty() ? "" : ", " + task.options().replace(";", ",");
    String items = limit.isPresent() ? ", limit: " + limit.getAsInt() : "";
    String note = task.note().isEmpty() ? "" : "    # the paper: " + task.note();
    return "{task: %s%s%s}%s".formatted(task.ours(), options, items, note);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
