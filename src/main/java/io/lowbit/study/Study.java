// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.backend.Backends;
import io.lowbit.model.EmbeddedModels;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.task.PerplexityProtocol;
import io.lowbit.task.RowRange;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskDefinition;
import io.lowbit.task.TaskOptions;
import io.lowbit.task.YamlMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What a study file says: models × schemes × tasks.
 *
 * @param title heading of the report
 * @param output folder of records and report
 * @param data folder that task files' data paths are relative to; empty = as the environment says
 * @param backend {@code auto}, {@code cuda} or {@code cpu}
 * @param threads CPU threads, 0 = one per core
 * @param fast let the GPU take products whose bits may depend on the batch and the machine
 * @param onIndivisible what to do where a group size does not divide a row
 * @param allowUnpinned score data files whose hash is not the one the task names, and say so
 * @param models what to load
 * @param schemes what to make low-bit
 * @param baseline name of the scheme the others are compared with
 * @param tasks what to score
 */
public record Study(
    String title,
    Path output,
    Optional<Path> data,
    String backend,
    int threads,
    boolean fast,
    OnIndivisible onIndivisible,
    boolean allowUnpinned,
    List<ModelEntry> models,
    List<SchemeEntry> schemes,
    String baseline,
    List<TaskEntry> tasks) {

  /**
   * A model.
   *
   * @param name as records and report call it
   * @param path folder or file, or the name of an embedded model
   */
  public record ModelEntry(String name, String path) {}

  /**
   * A scheme.
   *
   * @param name as records and report call it
   * @param scheme what it means
   */
  public record SchemeEntry(String name, Scheme scheme) {}

  /**
   * A task with its settings.
   *
   * @param task a task of the catalogue, or of a file of the user's
   * @param options what the study changes about it
   */
  public record TaskEntry(TaskDefinition task, TaskOptions options) {}

  /**
   * Reads a study file. Relative paths are taken from the file's own folder.
   *
   * @throws IllegalArgumentException if it is not a study, naming file, line and what was expected
   */
  public static Study read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "%s: the study file cannot be read (%s); check the path"
                  .formatted(file, unreadable(file)),
              e));
    }
    YamlMap map = YamlMap.parse(file.toString(), text);
    Path folder = file.toAbsolutePath().normalize().getParent();
    String title =
        map.text("title").orElse(file.getFileName().toString().replaceFirst("\\.ya?ml$", ""));
    Path output = resolve(folder, map.text("output").orElse("reports/" + slug(title)));
    Optional<Path> data = map.text("data").map(path -> resolve(folder, path));
    int seed = map.integer("seed").orElse((int) TaskOptions.DEFAULT_SEED);
    List<ModelEntry> models =
        atLeastOne(
            map,
            "models",
            map.entries("models", path -> model(folder, path), entry -> model(folder, entry)));
    List<SchemeEntry> schemes =
        atLeastOne(map, "schemes", map.entries("schemes", Study::scheme, Study::namedScheme));
    List<TaskEntry> tasks =
        atLeastOne(
            map,
            "tasks",
            map.entries(
                "tasks",
                name -> new TaskEntry(definition(folder, name), TaskOptions.DEFAULT.withSeed(seed)),
                entry -> task(folder, entry, seed)));
    String baseline = map.text("baseline").orElse(schemes.get(0).name());
    if (schemes.stream().noneMatch(scheme -> scheme.name().equals(baseline))) {
      throw map.error(
          "baseline", "there is no scheme of the name '%s' in this study".formatted(baseline));
    }
    String backend = map.text("backend").orElse("auto");
    if (!Backends.NAMES.contains(backend)) {
      throw map.error(
          "backend",
          "expected one of %s, not '%s'".formatted(String.join(", ", Backends.NAMES), backend));
    }
    Study study =
        new Study(
            title,
            output,
            data,
            backend,
            threads(map),
            map.flag("fast").orElse(false),
            map.oneOf("on_indivisible", OnIndivisible.class).orElse(OnIndivisible.ERROR),
            map.flag("allow_unpinned").orElse(false),
            models,
            schemes,
            baseline,
            tasks);
    map.finish();
    requireDifferent(map, "models", models.stream().map(ModelEntry::name).toList());
    requireDifferent(map, "schemes", schemes.stream().map(SchemeEntry::name).toList());
    return study;
  }

  private static String unreadable(Path file) {
    if (!Files.exists(file)) {
      return "there is no such file";
    }
    return Files.isDirectory(file) ? "it is a folder" : "it is not UTF-8 text";
  }

  private static int threads(YamlMap map) {
    int threads = map.integer("threads").orElse(0);
    try {
      return Backends.requireThreads(threads);
    } catch (IllegalArgumentException e) {
      throw map.error("threads", e.getMessage());
    }
  }

  private static <T> List<T> atLeastOne(YamlMap map, String key, List<T> entries) {
    if (entries.isEmpty()) {
      throw map.error(key, "expected a list with at least one entry");
    }
    return entries;
  }

  private static ModelEntry model(Path folder, String path) {
    Path resolved = resolve(folder, path);
    if (EmbeddedModels.NAMES.contains(path) && !Files.exists(resolved)) {
      return new ModelEntry(path, path);
    }
    String file = resolved.getFileName().toString();
    return new ModelEntry(file.replaceFirst("\\.gguf$", ""), resolved.toString());
  }

  private static ModelEntry model(Path folder, YamlMap map) {
    ModelEntry entry = model(folder, map.requiredText("path"));
    String name = map.text("name").orElse(entry.name());
    map.finish();
    return new ModelEntry(name, entry.path());
  }

  private static SchemeEntry scheme(String text) {
    return new SchemeEntry(text, Scheme.parse(text));
  }

  private static SchemeEntry namedScheme(YamlMap map) {
    Scheme scheme =
        map.parsed("scheme", Scheme::parse).orElseThrow(() -> map.error("scheme", "is missing"));
    SchemeEntry entry = new SchemeEntry(map.requiredText("name"), scheme);
    map.finish();
    return entry;
  }

  private static TaskEntry task(Path folder, YamlMap map, int seed) {
    TaskDefinition definition =
        map.parsed("task", name -> definition(folder, name))
            .orElseThrow(() -> map.error("task", "is missing"));
    TaskOptions options = TaskOptions.DEFAULT.withSeed(seed);
    options = with(options, map, "limit", TaskOptions::withLimit);
    options = with(options, map, "offset", TaskOptions::withOffset);
    options = with(options, map, "shots", TaskOptions::withShots);
    options = with(options, map, "max_new_tokens", TaskOptions::withMaxNewTokens);
    options = with(options, map.text("split"), TaskOptions::withSplit);
    options =
        with(options, map.parsed("fewshot_rows", RowRange::parse), TaskOptions::withFewShotPool);
    options =
        with(options, map.parsed("protocol", PerplexityProtocol::parse), TaskOptions::withProtocol);
    map.finish();
    return new TaskEntry(definition, options);
  }

  private static TaskDefinition definition(Path folder, String nameOrPath) {
    boolean isFile = nameOrPath.endsWith(".yaml") || nameOrPath.endsWith(".yml");
    return TaskCatalogue.find(isFile ? resolve(folder, nameOrPath).toString() : nameOrPath);
  }

  private static TaskOptions with(
      TaskOptions options,
      YamlMap map,
      String key,
      BiFunction<TaskOptions, Integer, TaskOptions> change) {
    OptionalInt value = map.integer(key);
    try {
      return value.isPresent() ? change.apply(options, value.getAsInt()) : options;
    } catch (IllegalArgumentException e) {
      throw map.error(key, e.getMessage());
    }
  }

  private static <T> TaskOptions with(
      TaskOptions options, Optional<T> value, BiFunction<TaskOptions, T, TaskOptions> change) {
    return value.map(v -> change.apply(options, v)).orElse(options);
  }

  private static Path resolve(Path folder, String path) {
    return folder.resolve(path).normalize();
  }

  private static void requireDifferent(YamlMap map, String key, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(slug(name))) {
        throw map.error(
            key, "the name '%s' occurs twice; give one of them another name".formatted(name));
      }
    }
  }

  /** A name as a file name. */
  static String slug(String name) {
    return name.replaceAll("[^A-Za-z0-9._+-]+", "_").toLowerCase(Locale.ROOT);
  }
}
