// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testng.Reporter;
import org.testng.annotations.Test;

/** A report of millions of records, in a process with two gigabytes of memory. */
public class LargeReportTest {
  /** Items of task 0 that model 0 answers right without low bits, see {@link LargeStudy}. */
  private static String scoreOfFirstCell(Path folder) throws Exception {
    try (Stream<String> lines = Files.lines(folder.resolve("records/model-0/fp16/0.jsonl"))) {
      long right = lines.filter(line -> line.contains("\"acc\":1.0")).count();
      return "%.1f %%".formatted(right / 10.0);
    }
  }

  @Test(groups = "long")
  public void threeMillionRecordsFitInTwoGigabytes() throws Exception {
    Path folder = Files.createTempDirectory("large");
    try {
      LargeStudy study = new LargeStudy(20, 12, 15, 1000);
      assertEquals(study.records(), 3_600_000);
      study.write(folder);
      Path page = folder.resolve("report.html");
      Path log = folder.resolve("log.txt");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-Xmx2g",
              "--add-modules",
              "jdk.incubator.vector",
              "-cp",
              System.getProperty("java.class.path"),
              "io.lowbit.cli.Main",
              "report",
              folder.toString()));
      long begin = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean hasEnded = process.waitFor(10, TimeUnit.MINUTES);
      process.destroyForcibly();
      assertTrue(hasEnded, "ends: " + Files.readString(log));
      assertEquals(process.exitValue(), 0, Files.readString(log));
      Reporter.log("report in %.0f s".formatted((System.nanoTime() - begin) / 1e9), true);
      String html = Files.readString(page);
      assertTrue(
          html.contains("20 models, 12 schemes, 15 tasks, 3,600,000 scored items"), "subtitle");
      assertTrue(html.contains("\">" + scoreOfFirstCell(folder) + "<"), "score of the first cell");
      assertTrue(html.contains("are left out."), "not every flip has room");
      assertTrue(Files.size(page) < 10_000_000, Files.size(page) + " bytes");
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
