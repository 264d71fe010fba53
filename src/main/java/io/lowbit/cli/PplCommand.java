// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.study.Study;
import io.lowbit.task.PerplexityProtocol;
import io.lowbit.task.TaskDefinition;
import io.lowbit.task.TaskOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lowbit ppl}: perplexity of one model on one text. */
@Command(
    name = "ppl",
    description = "Perplexity of one model, under one or more schemes, on a text file.",
    mixinStandardHelpOptions = true)
public final class PplCommand implements Callable<Integer> {
  @Mixin private StudyOptions options;

  @Mixin private SingleModelOptions model;

  @Parameters(index = "1", paramLabel = "TEXT", description = "A UTF-8 text file.")
  private Path text;

  @Option(
      names = "--protocol",
      defaultValue = "gptq-2048",
      paramLabel = "PROTOCOL",
      description =
          "gptq-N, gptqjoin-N, llama.cpp-N, strided-N-S, lm-eval-word, lm-eval-byte or lm-eval-bits"
              + " (default: ${DEFAULT-VALUE}).")
  private String protocol;

  @Option(names = "--limit", paramLabel = "N", description = "Score only the first N windows.")
  private Integer limit;

  @Override
  public Integer call() throws IOException {
    TaskOptions changes = TaskOptions.DEFAULT;
    Study.TaskEntry entry =
        new Study.TaskEntry(
            TaskDefinition.ofText(text, PerplexityProtocol.parse(protocol)),
            limit == null ? changes : changes.withLimit(limit));
    return options.run(model.study("ppl", List.of(entry), Path.of(".")));
  }
}
