// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import io.lowbit.engine.GoldenModel;
import io.lowbit.engine.Scorer;
import io.lowbit.engine.SequenceScore;
import io.lowbit.quant.OnIndivisible;
import io.lowbit.quant.Scheme;
import io.lowbit.task.PerplexityProtocol;
import io.lowbit.task.TaskCatalogue;
import io.lowbit.task.TaskOptions;
import io.lowbit.testing.Shared;
import io.lowbit.text.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Scores and records are a function of model, scheme and item: of nothing else, to the bit. */
public class SameBytesTest {
  private static final List<String> SCHEMES =
      List.of("fp32", "fp32+w4", "fp32+w8a8", "fp32+kv4", "fp16", "bf16");

  @DataProvider
  public Object[][] schemes() {
    return SCHEMES.stream().map(scheme -> new Object[] {scheme}).toArray(Object[][]::new);
  }

  /** Texts that share beginnings of many lengths, and one that shares none. */
  private static List<Request.Tokens> sequences() {
    List<Request.Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      int[] ids = new int[40 + 23 * i];
      int shared = i == 8 ? 0 : 17 * i;
      for (int j = 0; j < ids.length; j++) {
        ids[j] = 3 + (j * 7919 + (j < shared ? 0 : 131 * i + 1)) % 500;
      }
      sequences.add(new Request.Tokens(ids, 1 + 4 * i));
    }
    return sequences;
  }

  @Test(dataProvider = "schemes")
  public void scoresDependOnTheSequenceAlone(String scheme) {
    List<Request.Tokens> sequences = sequences();
    List<SequenceScore> reference = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (GoldenModel model = GoldenModel.open("stories260K", scheme, threads)) {
        for (int tokensPerPass : new int[] {7, 64, 1024}) {
          Scorer scorer = new Scorer(model.decoder(), tokensPerPass);
          List<SequenceScore> together = scorer.score(sequences);
          reference = reference == null ? together : reference;
          String what = scheme + ", " + threads + " threads, " + tokensPerPass + " tokens a pass";
          assertSame(together, reference, what);
          List<SequenceScore> alone = new ArrayList<>();
          sequences.forEach(sequence -> alone.addAll(scorer.score(List.of(sequence))));
          assertSame(alone, reference, what + ", one by one");
        }
      }
    }
  }

  private static void assertSame(
      List<SequenceScore> actual, List<SequenceScore> expected, String what) {
    assertEquals(actual.size(), expected.size(), what);
    for (int i = 0; i < actual.size(); i++) {
      assertEquals(actual.get(i).logProbability(), expected.get(i).logProbability(), what);
      assertEquals(actual.get(i).greedy(), expected.get(i).greedy(), what);
    }
  }

  @Test
  public void recordsDoNotDependOnThreads() throws IOException {
    Map<String, String> one = records(1, 0, 5);
    assertEquals(one.size(), 2 * SCHEMES.size());
    assertEquals(records(2, 0, 5), one);
    assertEquals(records(3, 0, 5), one);
  }

  @Test
  public void recordsDoNotDependOnNeighbours() throws IOException {
    Map<String, String> all = records(2, 0, 5);
    Map<String, String> some = records(2, 3, 1);
    assertEquals(some.keySet(), all.keySet());
    some.forEach((file, lines) -> {
      assertFalse(lines.isEmpty());
      assertTrue(all.get(file).contains(lines), file);
    });
  }

  /** Runs a study of questions, answers of several tokens and running text; files by name. */
  private static Map<String, String> records(int threads, int offset, int limit)
      throws IOException {
    Path output = Files.createTempDirectory("lowbit-same-bytes");
    try {
      TaskOptions options = TaskOptions.DEFAULT.withOffset(offset).withLimit(limit);
      Study study =
          new Study(
              "same bytes",
              output,
              Optional.of(Shared.path("datasets")),
              "cpu",
              threads,
              false,
              OnIndivisible.CHANNEL,
              false,
              List.of(
                  new Study.ModelEntry("stories", Shared.path("models/stories260K-hf").toString())),
              SCHEMES.stream()
                  .map(scheme -> new Study.SchemeEntry(scheme, Scheme.parse(scheme)))
                  .toList(),
              "fp32",
              List.of(
                  new Study.TaskEntry(TaskCatalogue.find("piqa"), options),
                  new Study.TaskEntry(
                      TaskCatalogue.find("tinystories"),
                      options.withProtocol(PerplexityProtocol.parse("gptq-128")))));
      PrintStream silent =
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
      StudyRun.run(study, new StudyRun.Setting(silent, false, false, "test", "test"));
      return files(output.resolve("records"));
    } finally {
      delete(output);
    }
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(file -> file.toString().endsWith(".jsonl")).toList()) {
        files.put(folder.relativize(path).toString(), Files.readString(path));
      }
    }
    return files;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
