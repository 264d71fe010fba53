// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.RunLog;
import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** A study in a process of its own that is killed at random moments and started again. */
public final class KilledStudyTest {
  private static final int ITEMS = 2000;

  private Path folder;

  @BeforeMethod(alwaysRun = true)
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("killed");
  }

  @AfterMethod(alwaysRun = true)
  public void removeFolder() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  public void killedThreeTimesItEndsWithTheSameBytes() throws Exception {
    killAndCompare(3);
  }

  @Test(groups = "long")
  public void killedThirtyTimesItEndsWithTheSameBytes() throws Exception {
    killAndCompare(30);
  }

  private void killAndCompare(int kills) throws Exception {
    Path undisturbed = study("undisturbed");
    long start = System.nanoTime();
    assertEquals(start(undisturbed).waitFor(), 0);
    long milliseconds = (System.nanoTime() - start) / 1_000_000;
    Path disturbed = study("disturbed");
    Random random = new Random(kills);
    int killed = 0;
    for (int i = 0; i < kills; i++) {
      Process process = start(disturbed);
      // The first third of a run is mostly the start of the JVM.
      long wait = milliseconds / 3 + random.nextLong(milliseconds / 2 + 1);
      if (!process.waitFor(wait, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        killed++;
      }
    }
    assertTrue(killed > 0, "no process was still running when it was to be killed");
    assertEquals(start(disturbed).waitFor(), 0);
    assertEquals(records(disturbed), records(undisturbed));
    assertEquals(start(disturbed).waitFor(), 0);
    assertEquals(RunLog.read(disturbed.resolveSibling("out")).getLast().items(), 0);
  }

  /** Writes model, data and study into a folder; returns the study file. */
  private Path study(String name) throws IOException {
    Path place = Files.createDirectories(folder.resolve(name));
    TinyModel.write(place.resolve("tiny"), 1);
    TinyModel.writeTask(place, ITEMS);
    return TinyModel.writeStudy(place, "[fp32, w4]", "threads: 1");
  }

  /** Starts the command line in a JVM with the flags of the launcher. */
  private Process start(Path study) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.lowbit.cli.Main",
            "run",
            study.toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log.txt").toFile())
        .start();
  }

  /** Text of each record file, by its path below the output folder. */
  private static Map<String, String> records(Path study) throws IOException {
    Path out = study.resolveSibling("out");
    Map<String, String> texts = new TreeMap<>();
    try (var files = Files.walk(out.resolve("records"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        texts.put(out.relativize(file).toString(), Files.readString(file));
      }
    }
    assertEquals(texts.size(), 2);
    texts.values().forEach(text -> assertEquals(text.lines().count(), ITEMS));
    return texts;
  }
}
