// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.engine.Session;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.Scheme;
import io.lowbit.study.Study;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A study of one model, put together from options. */
final class SingleModelOptions {
  @Mixin private ModelOptions model;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      description = "Where records and report go (default: reports/<command>-<model>).")
  private Path output;

  @Option(
      names = "--allow-unpinned",
      description = "Score data whose hash is not the one the task names, and say so.")
  private boolean allowUnpinned;

  /** The study; several schemes are given as a list with commas. */
  Study study(String command, List<Study.TaskEntry> tasks, Path data) {
    String name;
    List<Study.SchemeEntry> schemes;
    try (ModelSource source = ModelSource.open(model.model)) {
      name = source.name();
      schemes =
          model.scheme == null
              ? List.of(entry(Session.defaultScheme(source, model.backend)))
              : List.of(model.scheme.split(",")).stream()
                  .map(text -> new Study.SchemeEntry(text.strip(), Scheme.parse(text.strip())))
                  .toList();
    }
    return new Study(
        name,
        output == null ? Path.of("reports", command + "-" + name) : output,
        Optional.ofNullable(data),
        model.backend,
        model.threads,
        model.fast,
        model.onIndivisible,
        allowUnpinned,
        List.of(new Study.ModelEntry(name, model.model)),
        schemes,
        schemes.get(0).name(),
        tasks);
  }

  private static Study.SchemeEntry entry(Scheme scheme) {
    return new Study.SchemeEntry(scheme.toString(), scheme);
  }
}
