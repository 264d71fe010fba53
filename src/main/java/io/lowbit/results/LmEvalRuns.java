// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import io.lowbit.results.LmEvalFile.Sample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs of lm-evaluation-harness as records. A run is what lies in one folder; it stands where
 * records name a scheme, under the shortest end of its path that no other run shares.
 */
final class LmEvalRuns {
  /**
   * A samples file.
   *
   * @param isNamed whether the user named it, rather than a folder that holds it
   */
  record Located(Path file, boolean isNamed) {}

  /** Files by task, in the order of the tasks. */
  private record Run(Path path, Map<String, LmEvalFile> tasks) {}

  private final String model;
  private final Set<String> ownTasks;
  private final Set<String> ownSchemes;
  private final List<String> notes = new ArrayList<>();
  private final List<ItemRecord> records = new ArrayList<>();

  /**
   * Reads runs.
   *
   * @param model whose results they are
   * @param own records that they stand beside
   */
  LmEvalRuns(List<Located> files, String model, List<ItemRecord> own) {
    this.model = model;
    this.ownTasks = names(own, ItemRecord::task);
    this.ownSchemes = names(own, ItemRecord::scheme);
    List<Run> runs = runs(files);
    List<String> names = runNames(runs);
    Map<String, Map<Long, Sample>> known = new HashMap<>();
    for (int i = 0; i < runs.size(); i++) {
      for (LmEvalFile file : runs.get(i).tasks.values()) {
        add(names.get(i), file, known);
      }
    }
  }

  List<ItemRecord> records() {
    return records;
  }

  List<String> notes() {
    return notes;
  }

  private static Set<String> names(List<ItemRecord> records, Function<ItemRecord, String> name) {
    Set<String> names = new HashSet<>();
    records.forEach(record -> names.add(name.apply(record)));
    return names;
  }

  private List<Run> runs(List<Located> files) {
    Map<Path, List<Located>> folders = new LinkedHashMap<>();
    for (Located located : files) {
      Path file = located.file.toAbsolutePath().normalize();
      folders
          .computeIfAbsent(Objects.requireNonNull(file.getParent()), _ -> new ArrayList<>())
          .add(located);
    }
    List<Run> runs = new ArrayList<>();
    folders.forEach((folder, located) -> runs.addAll(runs(folder, located)));
    return runs;
  }

  private List<Run> runs(Path folder, List<Located> located) {
    Map<String, LmEvalFile> tasks = new LinkedHashMap<>();
    List<LmEvalFile> all =
        located.stream().map(Located::file).distinct().map(LmEvalFile::read).toList();
    boolean isRepeated = all.stream().map(LmEvalFile::task).distinct().count() < all.size();
    if (isRepeated && located.stream().allMatch(Located::isNamed)) {
      return all.stream()
          .map(file -> new Run(stem(file.path()), Map.of(file.task(), file)))
          .toList();
    }
    for (LmEvalFile file : all) {
      LmEvalFile other = tasks.get(file.task());
      if (other != null) {
        boolean newer = file.date().compareTo(other.date()) > 0;
        notes.add(
            "%s: %s has several runs; only the latest (%s) counts."
                .formatted(folder, file.task(), newer ? file.date() : other.date()));
        if (!newer) {
          continue;
        }
      }
      tasks.put(file.task(), file);
    }
    return List.of(new Run(folder, tasks));
  }

  private static Path stem(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    return absolute.resolveSibling(absolute.getFileName().toString().replaceFirst("\\.jsonl$", ""));
  }

  private List<String> runNames(List<Run> runs) {
    for (int length = 1; ; length++) {
      List<String> names = new ArrayList<>();
      boolean isWhole = true;
      for (Run run : runs) {
        int count = run.path.getNameCount();
        isWhole &= length >= count;
        String name =
            count == 0
                ? "lm-eval"
                : run.path.subpath(Math.max(0, count - length), count).toString();
        names.add(ownSchemes.contains(name) ? name + " (lm-eval)" : name);
      }
      if (isWhole || new HashSet<>(names).size() == names.size()) {
        return names;
      }
    }
  }

  private void add(String run, LmEvalFile file, Map<String, Map<Long, Sample>> known) {
    Optional<LmEvalFacts> facts = facts(file);
    LmEvalTask task =
        new LmEvalTask(file, facts, run, model, ownName(file.task(), LmEvalTask.shots(facts)));
    List<ItemRecord> all = task.records();
    notes.addAll(task.notes());
    Set<Long> others = otherDocuments(run, file, known);
    all.stream()
        .filter(record -> !others.contains(Long.parseLong(record.item())))
        .forEach(records::add);
  }

  /**
   * The task as records name it; without a word on the shots, as the only record does that fits.
   */
  private String ownName(String task, Optional<Integer> shots) {
    if (shots.isPresent()) {
      return shots.get() == 0 ? task : task + " (" + shots.get() + "-shot)";
    }
    List<String> fitting =
        ownTasks.stream().filter(own -> own.equals(task) || own.startsWith(task + " (")).toList();
    return fitting.size() == 1 ? fitting.getFirst() : task;
  }

  /** The results file of the samples' date, else the latest that knows the task. */
  private static Optional<LmEvalFacts> facts(LmEvalFile file) {
    Path folder = file.path().toAbsolutePath().normalize().getParent();
    List<Path> candidates;
    try (Stream<Path> all = Files.list(folder)) {
      candidates =
          all.filter(path -> path.getFileName().toString().matches("results_.*\\.json"))
              .sorted((a, b) -> b.getFileName().toString().compareTo(a.getFileName().toString()))
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(folder + ": cannot be listed", e));
    }
    Path exact = folder.resolve("results_" + file.date() + ".json");
    return Stream.concat(candidates.stream().filter(exact::equals), candidates.stream())
        .map(path -> LmEvalFacts.read(path, file.task()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /**
   * Documents of a run that are not those of the runs before under the same number, so that pairing
   * them would compare two questions.
   */
  private Set<Long> otherDocuments(
      String run, LmEvalFile file, Map<String, Map<Long, Sample>> known) {
    Map<Long, Sample> before = known.computeIfAbsent(file.task(), _ -> new HashMap<>());
    Set<Long> others = new HashSet<>();
    Set<Long> prompts = new HashSet<>();
    for (Sample sample : file.samples()) {
      Sample first = before.putIfAbsent(sample.document(), sample);
      if (first == null) {
        continue;
      }
      if (differ(first.documentHash(), sample.documentHash())
          || !first.target().equals(sample.target())) {
        others.add(sample.document());
      } else if (differ(first.promptHash(), sample.promptHash())) {
        prompts.add(sample.document());
      }
    }
    if (!others.isEmpty()) {
      notes.add(
          "%s, %s: %d documents differ from those of the same number in the runs before (the first is %d); they are left out."
              .formatted(
                  run,
                  file.task(),
                  others.size(),
                  others.stream().sorted().findFirst().orElseThrow()));
    }
    if (!prompts.isEmpty()) {
      notes.add(
          "%s, %s: %d documents were asked with another prompt than in the runs before; a difference may be the prompt's."
              .formatted(run, file.task(), prompts.size()));
    }
    return others;
  }

  private static boolean differ(String hash, String other) {
    return !hash.isEmpty() && !other.isEmpty() && !hash.equals(other);
  }
}
