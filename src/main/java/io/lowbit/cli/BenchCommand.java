// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.JCudaDriver;
import io.lowbit.bench.speed.KernelBench;
import io.lowbit.bench.speed.KernelReport;
import io.lowbit.bench.speed.ModelBench;
import io.lowbit.bench.speed.ModelReport;
import io.lowbit.bench.speed.Peers;
import io.lowbit.engine.Session;
import io.lowbit.model.ModelSource;
import io.lowbit.quant.Scheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures speed: of kernels on the GPU, or of a model on any back-end. */
@Command(
    name = "bench",
    description =
        "Measures speed: 'bench kernels' times the GPU's kernels, 'bench model MODEL' a model.",
    mixinStandardHelpOptions = true,
    subcommands = {BenchCommand.KernelsCommand.class, BenchCommand.ModelCommand.class})
public final class BenchCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to measure: 'bench kernels' or 'bench model MODEL'");
  }

  private static void write(Path fileOrNull, String text) throws IOException {
    if (fileOrNull != null) {
      Files.writeString(fileOrNull, text.endsWith("\n") ? text : text + "\n");
    }
  }

  /** Times kernels. */
  @Command(
      name = "kernels",
      description =
          "Times the kernels on this machine's GPU at the shapes of 7B, 13B and 70B models.",
      mixinStandardHelpOptions = true,
      footer =
          "Exit code: 0 if all results were right, 1 if one was wrong, one failed, or there is no"
              + " GPU.")
  static final class KernelsCommand implements Callable<Integer> {
    private static final double SECONDS = 300;
    private static final double QUICK_SECONDS = 60;

    @Spec private CommandSpec spec;

    @Option(names = "--quick", description = "Only the most important shapes; about a minute.")
    private boolean quick;

    @Option(
        names = "--only",
        paramLabel = "NAME",
        description =
            "Only what has this in its name, such as linear/70b or kv4; may be given several times.")
    private List<String> only = List.of();

    @Option(
        names = "--seconds",
        paramLabel = "S",
        description =
            "Begin nothing more after so many seconds; the least important is left out (default:"
                + " 300, with --quick 60).")
    private Double seconds;

    @Option(names = "--out", paramLabel = "FILE", description = "Write everything as JSON.")
    private Path out;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table in Markdown.")
    private Path markdown;

    @Option(
        names = "--peers",
        paramLabel = "FILE",
        description = "Print ratios to the times in this file, which peers.py or --out wrote.")
    private Path peers;

    @Override
    public Integer call() throws IOException {
      KernelBench.Options options = options();
      Peers compared = peers == null ? Peers.NONE : Peers.read(peers);
      try (GpuDriver driver = JCudaDriver.open()) {
        KernelReport report =
            KernelBench.run(
                driver,
                options,
                compared,
                Main.Version.line(),
                name -> System.err.println("lowbit: timing " + name));
        // Before the device is closed: one that has failed says so again.
        System.out.print(report.text());
        System.out.flush();
        write(out, report.json());
        write(markdown, report.markdown());
        return report.passed() ? 0 : 1;
      }
    }

    private KernelBench.Options options() {
      double budget = seconds == null ? quick ? QUICK_SECONDS : SECONDS : seconds;
      try {
        KernelBench.Options options = new KernelBench.Options(quick, only, budget);
        KernelBench.check(options);
        return options;
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }
  }

  /** Times a model. */
  @Command(
      name = "model",
      description =
          "Times prompt and decoding of a model and its memory, under one or more schemes.",
      mixinStandardHelpOptions = true,
      footer = "Several schemes are given with commas; the others are compared with the first.")
  static final class ModelCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private ModelOptions model;

    @Option(
        names = "--prompt",
        paramLabel = "N",
        defaultValue = "128",
        description = "Tokens of each prompt (default: ${DEFAULT-VALUE}).")
    private int prompt;

    @Option(
        names = "--tokens",
        paramLabel = "N",
        defaultValue = "64",
        description = "New tokens of each sequence (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
        names = "--batch",
        paramLabel = "B",
        defaultValue = "1",
        description = "Sequences at a time (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--out", paramLabel = "FILE", description = "Write everything as JSON.")
    private Path out;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table in Markdown.")
    private Path markdown;

    @Override
    public Integer call() throws IOException {
      ModelBench.Load load = load();
      try (ModelSource source = ModelSource.open(model.model)) {
        ModelReport report =
            ModelBench.run(
                source,
                schemes(source),
                load,
                scheme -> session(source, scheme),
                Main.Version.line(),
                scheme -> System.err.println("lowbit: timing " + scheme));
        System.out.print(report.text());
        System.out.flush();
        write(out, report.json());
        write(markdown, report.markdown());
      }
      return 0;
    }

    private ModelBench.Load load() {
      try {
        return new ModelBench.Load(prompt, tokens, batch);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), e.getMessage(), e);
      }
    }

    private List<Scheme> schemes(ModelSource source) {
      return model.scheme == null
          ? List.of(Session.defaultScheme(source, model.backend))
          : Arrays.stream(model.scheme.split(",")).map(String::strip).map(Scheme::parse).toList();
    }

    private Session session(ModelSource source, Scheme scheme) {
      Session session =
          Session.load(
              source,
              new Session.Options(
                  Optional.of(scheme), model.backend, model.threads, model.onIndivisible));
      System.err.println(session.backend().reason());
      return session;
    }
  }
}
