// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.results.OutputLock;
import io.lowbit.results.RunLog;
import io.lowbit.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Study files with a mistake, and what a study leaves behind. */
public final class BadStudyTest {
  private Path folder;

  @BeforeMethod
  public void writeModel() throws IOException {
    folder = Files.createTempDirectory("bad-study");
    TinyModel.write(folder.resolve("tiny"), 1);
    TinyModel.writeTask(folder, 4);
  }

  @AfterMethod
  public void removeFolder() throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  private void refused(Path study, String... parts) {
    CommandLineRun run = CommandLineRun.of("run", study);
    assertEquals(run.exitCode(), 1, run.err());
    assertTrue(run.err().startsWith("lowbit: "), run.err());
    assertEquals(run.err().lines().count(), 1, run.err());
    for (String part : parts) {
      assertTrue(run.err().contains(part), part + " should be in: " + run.err());
    }
    assertFalse(Files.exists(folder.resolve("out/records")), "nothing is scored");
  }

  @DataProvider
  Object[][] mistakes() {
    return new Object[][] {
      {"", "schemas: [w4]", "study.yaml line 7: unknown key 'schemas'; did you mean 'schemes'?"},
      {"schemes: [fp32]", "schemes: [w4gg8]", "study.yaml line 5: scheme 'w4gg8'"},
      {"[mine.yaml]", "[lambda_openai]", "line 6: unknown task 'lambda_openai'; did you mean"},
      {"[mine.yaml]", "[{task: mine.yaml, limt: 1}]", "line 6: unknown key 'limt'; did you mean"},
      {"[mine.yaml]", "[{task: mine.yaml, limit: -1}]", "study.yaml line 6: limit: "},
      {"", "threads: -2", "study.yaml line 7: threads: -2 threads cannot be started"},
      {"", "fast: yes", "study.yaml line 7: fast: expected true or false, not 'yes'"},
      {"", "backend: gpu", "study.yaml line 7: backend: expected one of auto, cuda, cpu"},
      {"", "on_indivisible: chanel", "line 7: on_indivisible: 'chanel' is unknown; did you mean"},
      {"[tiny]", "[nowhere]", "nowhere: there is no such folder or file"},
      {"[fp32]", "[fp32, w4g16]", "24 columns do not split into groups of 16"},
      {"[fp32]", "[fp32, kv4g16]", "heads of 4 values cannot be quantized in groups of 16"},
      {"[fp32]", "[fp32, stored]", "the scheme 'stored' runs packed weights"},
      {"data: .", "data: nodata", "nodata: not a folder"},
      {
        "output: out", "output: mine.yaml/out", "mine.yaml/out: the output folder cannot be written"
      },
    };
  }

  @Test(dataProvider = "mistakes")
  public void aMistakeIsNamed(String from, String to, String part) throws IOException {
    Path study = TinyModel.writeStudy(folder, "[fp32]", from.isEmpty() ? to : "");
    if (!from.isEmpty()) {
      Files.writeString(study, Files.readString(study).replace(from, to));
    }
    refused(study, part);
  }

  @Test
  public void aStudyThatIsNone() throws IOException {
    refused(folder.resolve("none.yaml"), "cannot be read (there is no such file)");
    refused(folder, "cannot be read (it is a folder)");
  }

  @Test
  public void aMalformedDataLineIsNamed() throws IOException {
    Path study = TinyModel.writeStudy(folder, "[fp32]", "");
    Files.writeString(folder.resolve("mine.jsonl"), "{\"context\": \"a\",\n");
    refused(study, "mine.jsonl line 1: it is not valid JSON");
    Files.writeString(folder.resolve("mine.jsonl"), "{\"context\": \"a\"}\n");
    refused(study, "line 1: the template", "'continuation' is undefined");
  }

  @Test
  public void anExceptionThatWasChosenIsReported() throws IOException {
    Path study = TinyModel.writeStudy(folder, "[fp32, w4g16]", "on_indivisible: channel");
    assertEquals(CommandLineRun.of("run", study).exitCode(), 0);
    String note = RunLog.read(folder.resolve("out")).get(0).notes().toString();
    assertTrue(note.contains("model.layers.1.mlp.down_proj.weight: one grid per output channel"));
    assertTrue(Files.size(folder.resolve("out/report.html")) > 10_000);
  }

  @Test
  public void aPlanWritesNothing() throws IOException {
    Path study = TinyModel.writeStudy(folder, "[fp32]", "");
    assertEquals(CommandLineRun.of("run", study, "--plan").exitCode(), 0);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  public void aSecondRunIsRefused() throws IOException {
    Path study = TinyModel.writeStudy(folder, "[fp32]", "");
    try (OutputLock _ = OutputLock.take(folder.resolve("out"))) {
      refused(study, "out: another run is writing here");
    }
    assertEquals(CommandLineRun.of("run", study).exitCode(), 0);
  }

  @Test
  public void onlyWhatIsNewIsScored() throws IOException {
    Path out = folder.resolve("out");
    Path study = TinyModel.writeStudy(folder, "[fp32]", "");
    assertEquals(items(study), 4);
    assertEquals(items(study), 0, "a finished study runs nothing");
    TinyModel.writeStudy(folder, "[fp32, w4]", "");
    assertEquals(items(study), 4, "another scheme's answers are not served");
    TinyModel.write(folder.resolve("tiny"), 2);
    assertEquals(items(study), 8, "another model's answers are not served");
    Files.writeString(
        folder.resolve("mine.jsonl"),
        Files.readString(folder.resolve("mine.jsonl")).replace("here", "gone"));
    assertEquals(items(study), 8, "answers about other data are not served");
    assertEquals(RunLog.read(out).size(), 5);
  }

  /** Items that a run of the study scores. */
  private long items(Path study) {
    CommandLineRun run = CommandLineRun.of("run", study);
    assertEquals(run.exitCode(), 0, run.err());
    return RunLog.read(folder.resolve("out")).getLast().items();
  }
}
