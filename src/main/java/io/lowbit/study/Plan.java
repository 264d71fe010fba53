// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.backend.Backend;
import io.lowbit.backend.Backends;
import io.lowbit.engine.Cost;
import io.lowbit.results.RecordFile;
import io.lowbit.task.DataRoot;
import io.lowbit.task.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The units of a study, what of them is still to do, and what that will take. */
final class Plan implements AutoCloseable {
  private final Study study;
  private final List<OpenModel> models = new ArrayList<>();
  private final List<Unit> units = new ArrayList<>();
  private final List<String> exceptions = new ArrayList<>();
  private final List<String> cuts = new ArrayList<>();

  private Plan(Study study) {
    this.study = study;
  }

  /**
   * Opens models and tasks, encodes every item, and looks up which have a record. Loads no weights
   * and writes nothing.
   */
  static Plan of(Study study) {
    Plan plan = new Plan(study);
    try {
      DataRoot data = DataRoot.of(study.data(), study.allowUnpinned());
      List<Task> tasks =
          study.tasks().stream()
              .map(entry -> Task.load(entry.task(), data, entry.options()))
              .toList();
      for (Study.ModelEntry entry : study.models()) {
        OpenModel model = OpenModel.open(entry);
        plan.models.add(model);
        List<EncodedTask> encoded =
            tasks.stream().map(task -> EncodedTask.of(task, model)).toList();
        encoded.forEach(task -> plan.addCut(model, task));
        for (Study.SchemeEntry scheme : study.schemes()) {
          plan.add(model, scheme, encoded);
        }
      }
      return plan;
    } catch (RuntimeException e) {
      plan.close();
      throw e;
    }
  }

  private void addCut(OpenModel model, EncodedTask task) {
    if (task.cut() > 0) {
      cuts.add(
          String.format(
              Locale.ROOT,
              "%s, %s: %,d of %,d items are longer than the model's context of %,d tokens; the"
                  + " beginning of their prompts was cut off",
              model.name(),
              task.task().name(),
              task.cut(),
              task.items().size(),
              model.source().architecture().contextLength()));
    }
  }

  private void add(OpenModel model, Study.SchemeEntry scheme, List<EncodedTask> tasks) {
    Backends.Choice choice =
        Backends.open(study.backend(), scheme.scheme().base(), study.threads(), study.fast());
    try (Backend backend = choice.backend()) {
      for (String exception :
          model.source().check(scheme.scheme(), backend, study.onIndivisible())) {
        exceptions.add(model.name() + ", " + scheme.name() + ": " + exception);
      }
      for (EncodedTask task : tasks) {
        Path file = file(model, scheme, backend, task.task());
        Set<String> done = RecordFile.keys(file);
        List<EncodedTask.Item> missing =
            task.items().stream()
                .filter(item -> !done.contains(Keys.of(model, scheme, backend, task.task(), item)))
                .toList();
        units.add(new Unit(model, scheme, task, file, missing));
      }
    }
  }

  /**
   * A unit's file. Its name carries a hash of all that its records must agree in, so that results
   * of an earlier version of the study, of the model or of the data stay where they are and are not
   * mixed with new ones.
   */
  private Path file(OpenModel model, Study.SchemeEntry scheme, Backend backend, Task task) {
    String hash = Keys.unit(model, scheme, backend, task).hex().substring(0, 12);
    return study
        .output()
        .resolve("records")
        .resolve(Study.slug(model.name()))
        .resolve(Study.slug(scheme.name()))
        .resolve(Study.slug(task.name()) + "-" + hash + ".jsonl");
  }

  /** Tensors that are treated otherwise than their scheme says, a sentence each. */
  List<String> exceptions() {
    return exceptions;
  }

  /** Tasks whose items a model cannot read in full, a sentence each. */
  List<String> cuts() {
    return cuts;
  }

  /** Record files of all units, relative to the output folder. */
  List<String> files() {
    return units.stream().map(unit -> study.output().relativize(unit.file()).toString()).toList();
  }

  /** All units, those of one model and scheme together. */
  List<Unit> units() {
    return units;
  }

  /** Tokens still to be read. */
  long tokens() {
    return units.stream().mapToLong(Unit::tokens).sum();
  }

  /** The plan for people, a line each. */
  List<String> describe() {
    List<String> lines = new ArrayList<>(exceptions);
    long items = units.stream().mapToLong(unit -> unit.missing().size()).sum();
    long done = units.stream().mapToLong(unit -> unit.task().items().size()).sum() - items;
    lines.add(
        "%d units: %d models x %d schemes x %d tasks; %,d items to score, %,d already there"
            .formatted(
                units.size(),
                models.size(),
                study.schemes().size(),
                study.tasks().size(),
                items,
                done));
    if (items == 0) {
      return lines;
    }
    double rate = Cost.operationsPerSecond(study.backend(), study.threads(), study.fast());
    double seconds = 0;
    long largest = 0;
    for (Unit unit : units) {
      if (!unit.missing().isEmpty()) {
        Cost cost = Cost.of(unit.model().source(), unit.scheme().scheme(), Runner.TOKENS_PER_PASS);
        seconds += unit.tokens() * cost.operationsPerToken() / rate;
        largest = Math.max(largest, cost.bytes());
      }
    }
    lines.add(
        "%,d tokens; at least %s at %.0f GFLOP/s, and about %,d MB of memory"
            .formatted(tokens(), time(seconds), rate / 1e9, largest / 1_000_000));
    return lines;
  }

  /** A duration for people. */
  static String time(double seconds) {
    if (seconds < 90) {
      return "%.0f s".formatted(Math.ceil(seconds));
    }
    if (seconds < 90 * 60) {
      return "%.0f min".formatted(seconds / 60);
    }
    return "%.1f h".formatted(seconds / 3600);
  }

  @Override
  public void close() {
    models.forEach(OpenModel::close);
  }
}
