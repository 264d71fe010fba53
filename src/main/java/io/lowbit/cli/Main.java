// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Entry point of the command line. Exit codes: 0 done, 1 the work failed, 2 wrong use.
 *
 * <p>A new command is a class {@code <Name>Command implements Callable<Integer>} with
 * {@code @Command(name = …, description = …)} and one line in {@link #COMMANDS}.
 */
@Command(
    name = "lowbit",
    description = "Measures what low-bit numbers cost a language model.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main implements Runnable {
  /** A command and the heading that {@code lowbit --help} lists it under. */
  record Entry(String section, String name, Class<?> type) {}

  /** Every command, in the order of the help text. */
  static final List<Entry> COMMANDS =
      List.of(
          new Entry("Measure", "demo", DemoCommand.class),
          new Entry("Measure", "run", RunCommand.class),
          new Entry("Measure", "eval", EvalCommand.class),
          new Entry("Measure", "ppl", PplCommand.class),
          new Entry("Measure", "report", ReportCommand.class),
          new Entry("Measure", "tasks", TasksCommand.class),
          new Entry("Measure", "world", WorldCommand.class),
          new Entry("Compare", "compare", CompareCommand.class),
          new Entry("Compare", "correlate", CorrelateCommand.class),
          new Entry("Compare", "reproduce", ReproduceCommand.class),
          new Entry("Compare", "query", QueryCommand.class),
          new Entry("Compare", "export", ExportCommand.class),
          new Entry("Look at a layer", "logits", LogitsCommand.class),
          new Entry("Look at a layer", "score", ScoreCommand.class),
          new Entry("Look at a layer", "generate", GenerateCommand.class),
          new Entry("Look at a layer", "tokenize", TokenizeCommand.class),
          new Entry("Look at a layer", "render", RenderCommand.class),
          new Entry("Look at a layer", "tensors", TensorsCommand.class),
          new Entry("Look at the machine", "doctor", DoctorCommand.class),
          new Entry("Look at the machine", "selftest", SelftestCommand.class),
          new Entry("Look at the machine", "bench", BenchCommand.class));

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // Numbers look the same everywhere, in reports too.
    Locale.setDefault(Locale.ROOT);
    PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    System.exit(run(COMMANDS, out, err, args));
  }

  /** Runs one command line; help goes to {@code out}, every complaint to {@code err}. */
  static int run(List<Entry> commands, PrintWriter out, PrintWriter err, String... args) {
    boolean trace = Objects.equals(System.getenv("LOWBIT_TRACE"), "1");
    try {
      CommandLine line = commandLine(commands, args).setOut(out).setErr(err);
      line.setParameterExceptionHandler((exception, _) -> wrongUse(exception));
      line.setExecutionExceptionHandler((exception, _, _) -> Failure.report(exception, trace, err));
      return line.execute(args);
    } catch (Error error) {
      // picocli hands exceptions to the handler above but lets errors such as OutOfMemoryError
      // pass.
      return Failure.report(error, trace, err);
    }
  }

  /**
   * The commands that these arguments can reach: the named one, or all of them for the help text
   * and for suggestions. Reading every command's annotations would take most of the start-up time.
   */
  private static CommandLine commandLine(List<Entry> commands, String... args) {
    CommandLine line = new CommandLine(new Main());
    List<Entry> named =
        commands.stream().filter(c -> args.length > 0 && c.name().equals(args[0])).toList();
    for (Entry command : named.isEmpty() ? commands : named) {
      line.addSubcommand(command.name(), command.type());
    }
    if (named.isEmpty()) {
      line.getHelpSectionMap()
          .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, _ -> commandList(commands, line));
      line.getHelpSectionMap().remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING);
    }
    return line;
  }

  private static String commandList(List<Entry> commands, CommandLine line) {
    Help help = line.getHelp();
    StringBuilder text = new StringBuilder();
    for (String section : commands.stream().map(Entry::section).distinct().toList()) {
      Help.TextTable table =
          Help.TextTable.forColumns(
              help.colorScheme(),
              new Help.Column(14, 2, Help.Column.Overflow.SPAN),
              new Help.Column(66, 2, Help.Column.Overflow.WRAP));
      commands.stream()
          .filter(command -> command.section().equals(section))
          .map(command -> line.getSubcommands().get(command.name()).getCommandSpec())
          .forEach(command ->
              table.addRowValues(
                  command.name(), String.join(" ", command.usageMessage().description())));
      text.append("\n%s:\n".formatted(section)).append(table);
    }
    return text.append("\n'lowbit COMMAND --help' explains a command.\n").toString();
  }

  private static int wrongUse(ParameterException exception) {
    CommandLine line = exception.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("lowbit: " + exception.getMessage());
    if (exception instanceof UnmatchedArgumentException unmatched) {
      UnmatchedArgumentException.printSuggestions(exception, err);
      if (unmatched.isUnknownOption()) {
        err.println("Options: " + String.join(", ", line.getCommandSpec().optionsMap().keySet()));
      } else if (!line.getSubcommands().isEmpty()) {
        err.println("Commands: " + String.join(", ", line.getSubcommands().keySet()));
      }
    }
    err.println("Try '%s --help'.".formatted(line.getCommandSpec().qualifiedName()));
    return CommandLine.ExitCode.USAGE;
  }

  /** Called when no command is named. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command named");
  }

  /** The version and commit that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    /** Version and commit in one line. */
    static String line() throws IOException {
      return new Version().getVersion()[0];
    }

    @Override
    public String[] getVersion() throws IOException {
      Properties build = new Properties();
      try (InputStream in = Main.class.getResourceAsStream("/io/lowbit/build.properties")) {
        build.load(Objects.requireNonNull(in, "build.properties is missing from the jar"));
      }
      String commit = build.getProperty("commit");
      return new String[] {
        "lowbit %s (%s)"
            .formatted(
                build.getProperty("version"),
                commit.isEmpty() ? "not built from a git checkout" : "commit " + commit),
        "Java %s, %s %s"
            .formatted(
                Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))
      };
    }
  }
}
