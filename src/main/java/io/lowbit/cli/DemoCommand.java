// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.study.Study;
import io.lowbit.world.HeldOutData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code lowbit demo}: lays out a study of the embedded models on generated data, and runs it. What
 * is laid out is an ordinary study file with its data, so {@code lowbit run} runs it too.
 */
@Command(
    name = "demo",
    description = "Runs a study of the embedded models to its report, in about two minutes.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final String STUDY = "/io/lowbit/demo.yaml";
  private static final String USUAL_LIMIT = "limit: 100";
  private static final String FULL_LIMIT = "limit: 400";

  @Mixin private StudyOptions options;

  @Option(names = "--full", description = "400 items of each task instead of 100.")
  private boolean full;

  @Option(
      names = "--world",
      paramLabel = "N",
      description = "Draw other items about the same facts (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + HeldOutData.USUAL_WORLD)
  private long world;

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      description = "Where study, data, records and report go (default: reports/demo…).")
  private Optional<Path> output;

  @Override
  public Integer call() throws IOException {
    boolean usualWorld = world == HeldOutData.USUAL_WORLD;
    Path folder =
        output.orElse(
            Path.of(
                "reports", "demo" + (full ? "-full" : "") + (usualWorld ? "" : "-world-" + world)));
    HeldOutData.write(folder.resolve("data"), world, HeldOutData.MOST_ITEMS);
    Path study = folder.resolve("study.yaml");
    Files.writeString(study, studyText(full, usualWorld));
    return options.run(Study.read(study));
  }

  /** The shipped study file, with more items, or open to data that no task file can name. */
  static String studyText(boolean full, boolean usualWorld) throws IOException {
    String text;
    try (InputStream in = DemoCommand.class.getResourceAsStream(STUDY)) {
      text =
          new String(
              Objects.requireNonNull(in, "demo.yaml is missing from the jar").readAllBytes(),
              StandardCharsets.UTF_8);
    }
    text = full ? text.replace(USUAL_LIMIT, FULL_LIMIT) : text;
    return usualWorld ? text : text.replace("allow_unpinned: false", "allow_unpinned: true ");
  }
}
