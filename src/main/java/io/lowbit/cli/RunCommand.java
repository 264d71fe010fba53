// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.study.Study;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code lowbit run}: a whole study. */
@Command(
    name = "run",
    description = "Runs a study file to its report; goes on where an earlier run stopped.",
    mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
  @Mixin private StudyOptions options;

  @Parameters(paramLabel = "STUDY", description = "A YAML file: models, schemes, tasks.")
  private Path study;

  @Override
  public Integer call() throws IOException {
    return options.run(Study.read(study));
  }
}
