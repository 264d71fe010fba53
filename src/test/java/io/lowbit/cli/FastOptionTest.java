// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.RunLog;
import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** {@code --fast} and {@code fast: true} reach the back-end, and the log of runs says so. */
public final class FastOptionTest {
  private static final String ON_THE_CPU = "(as asked); --fast changes nothing on the CPU";

  private Path folder;
  private Path model;

  @BeforeMethod
  public void writeModel() throws IOException {
    folder = Files.createTempDirectory("fast-option");
    model = TinyModel.write(folder.resolve("tiny"), 1);
    TinyModel.writeTask(folder, 2);
  }

  @AfterMethod
  public void removeFolder() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void succeeds(Object... arguments) {
    CommandLineRun run = CommandLineRun.of(arguments);
    assertEquals(run.exitCode(), 0, run.err());
  }

  @Test
  public void aStudyFileAsksForIt() throws IOException {
    succeeds("run", TinyModel.writeStudy(folder, "[fp32]", "backend: cpu\nfast: true"));
    // On the CPU the numbers are the same, and so are the keys: nothing runs again.
    succeeds("run", TinyModel.writeStudy(folder, "[fp32]", "backend: cpu"));
    List<RunLog.Run> runs = RunLog.read(folder.resolve("out"));
    assertTrue(runs.get(0).backend().endsWith(ON_THE_CPU), runs.toString());
    assertEquals(runs.get(0).items(), 2);
    assertTrue(runs.get(1).backend().endsWith("(as asked)"), runs.toString());
    assertEquals(runs.get(1).items(), 0);
  }

  @Test
  public void aCommandAsksForIt() throws IOException {
    Path output = folder.resolve("evaluated");
    succeeds(
        "eval",
        model,
        "--tasks",
        folder.resolve("mine.yaml"),
        "--data",
        folder,
        "--output",
        output,
        "--backend",
        "cpu",
        "--fast");
    String backend = RunLog.read(output).get(0).backend();
    assertTrue(backend.endsWith(ON_THE_CPU), backend);
  }
}
