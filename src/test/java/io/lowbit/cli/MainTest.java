// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.format.FormatException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Exit codes, help and the messages of failures: 0 done, 1 the work failed, 2 wrong use. */
public final class MainTest {
  private static final Map<String, Throwable> FAILURES =
      Map.of(
          "format", new FormatException("a.gguf: not a GGUF file"),
          "argument", new IllegalArgumentException("group 128 does not divide 172"),
          "state", new IllegalStateException("the cache is full"),
          "io", new IOException("No space left on device"),
          "unchecked", new UncheckedIOException(new NoSuchFileException("/nowhere/a.bin")),
          "memory", new OutOfMemoryError("Java heap space"),
          "bug", new NullPointerException("scale"),
          "silent", new IllegalArgumentException());

  /** A command that ends as its argument says. */
  @Command(name = "work", description = "Works.", mixinStandardHelpOptions = true)
  static final class Work implements Callable<Integer> {
    @Parameters private String ending;

    @Option(names = "--scheme")
    private String unusedScheme;

    @Override
    public Integer call() throws Exception {
      Throwable failure = FAILURES.get(ending);
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof Exception exception) {
        throw exception;
      }
      return ending.equals("three") ? 3 : 0;
    }
  }

  /** A command whose class must not be looked at when another is named. */
  @Command(name = "rest", description = "Rests.")
  static final class Rest implements Callable<Integer> {
    @Override
    public Integer call() {
      return 0;
    }
  }

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    var commands =
        List.of(
            new Main.Entry("Doing", "work", Work.class),
            new Main.Entry("Not doing", "rest", Rest.class));
    int exitCode = Main.run(commands, new PrintWriter(out), new PrintWriter(err), args);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  @Test
  public void theExitCodeOfACommandIsPassedOn() {
    assertEquals(run("work", "well"), new Outcome(0, "", ""));
    assertEquals(run("work", "three"), new Outcome(3, "", ""));
  }

  @DataProvider
  Object[][] mishaps() {
    return new Object[][] {
      {"format", "lowbit: a.gguf: not a GGUF file\n"},
      {"argument", "lowbit: group 128 does not divide 172\n"},
      {"state", "lowbit: the cache is full\n"},
      {"io", "lowbit: No space left on device\n"},
      {"unchecked", "lowbit: /nowhere/a.bin: no such file or folder\n"},
    };
  }

  @Test(dataProvider = "mishaps")
  public void aMishapIsOneSentence(String ending, String expected) {
    assertEquals(run("work", ending), new Outcome(1, "", expected));
  }

  @Test
  public void runningOutOfMemorySaysWhatToDo() {
    Outcome outcome = run("work", "memory");
    assertEquals(outcome.exitCode(), 1);
    assertTrue(outcome.err().startsWith("lowbit: out of memory (Java heap space)"), outcome.err());
    assertTrue(outcome.err().contains("LOWBIT_JAVA_OPTS"), outcome.err());
  }

  @Test
  public void aBugShowsItsStackAndAsksForAReport() {
    for (String ending : List.of("bug", "silent")) {
      Outcome outcome = run("work", ending);
      assertEquals(outcome.exitCode(), 1);
      assertTrue(outcome.err().contains("\tat io.lowbit.cli.MainTest"), outcome.err());
      assertTrue(outcome.err().contains("please report it"), outcome.err());
    }
  }

  @Test
  public void wrongUseSuggestsTheNearest() {
    assertEquals(
        run("woork", "well"),
        new Outcome(
            2,
            "",
            """
            lowbit: Unmatched arguments from index 0: 'woork', 'well'
            Did you mean: lowbit work?
            Commands: work, rest
            Try 'lowbit --help'.
            """));
    Outcome option = run("work", "well", "--shceme=w4");
    assertEquals(option.exitCode(), 2);
    assertTrue(option.err().contains("Options: --scheme, "), option.err());
    assertTrue(option.err().endsWith("Try 'lowbit work --help'.\n"), option.err());
    assertEquals(run().exitCode(), 2);
    assertEquals(run("work").exitCode(), 2);
  }

  @Test
  public void helpListsTheCommandsUnderTheirHeadings() {
    Outcome outcome = run("--help");
    assertEquals(outcome.exitCode(), 0);
    assertEquals(outcome.err(), "");
    String flat = outcome.out().replaceAll(" +", " ");
    assertTrue(flat.contains("Doing:\n work Works."), outcome.out());
    assertTrue(flat.contains("Not doing:\n rest Rests."), outcome.out());
    assertFalse(run("work", "--help").out().contains("rest"));
  }

  @Test
  public void theVersionComesFromTheBuild() {
    assertTrue(
        run("--version").out().matches("lowbit \\d+\\.\\d+\\.\\d+\\S* \\(.*\\)\nJava 25.*\n"));
  }

  @Test
  public void everyCommandStandsInTheListOnceUnderItsOwnName() {
    for (Main.Entry entry : Main.COMMANDS) {
      assertEquals(entry.type().getAnnotation(Command.class).name(), entry.name());
      assertFalse(
          entry.type().getAnnotation(Command.class).description().length == 0, entry.name());
    }
    assertEquals(
        Main.COMMANDS.stream().map(Main.Entry::name).distinct().count(), Main.COMMANDS.size());
  }
}
