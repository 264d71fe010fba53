// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** lm-eval's samples in both layouts, and what is left of them after damage. */
public final class LmEvalFileTest {
  private static Path folder() throws IOException {
    return Files.createTempDirectory("lmeval");
  }

  private static Path write(Path folder, String... lines) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("samples_quiz_" + ForeignFiles.DATE + ".jsonl");
    return Files.writeString(file, String.join("", lines));
  }

  private static String line(int document, String hash, String acc) {
    return """
    {"doc_id": %d, "doc": {"q": "NaN is \\"NaN\\""}, "target": "1", "arguments": {}, "resps": [], \
    "filtered_resps": [["-2.5", "False"], ["-1.25", "False"]], "filter": "none", \
    "metrics": ["acc"], "doc_hash": "%s", "prompt_hash": "p", "target_hash": "t", "acc": %s}
    """
        .formatted(document, hash, acc);
  }

  private static CollectedResults read(Path... places) {
    return CollectedResults.read(List.of(places), Optional.empty());
  }

  @Test
  public void readsBothLayouts() throws IOException {
    Path file = write(folder(), line(0, "a", "1.0"), line(7, "b", "false"), line(8, "c", "NaN"));
    LmEvalFile now = LmEvalFile.read(file);
    assertEquals(now.task(), "quiz");
    assertEquals(now.samples().get(0).prediction(), "1");
    assertEquals(now.samples().get(0).logLikelihoods(), List.of(-2.5, -1.25));
    List<ItemRecord> records = read(file).records();
    assertEquals(records.stream().map(ItemRecord::item).toList(), List.of("0", "7", "8"));
    assertEquals(records.get(1).values().get("acc"), 0.0);
    assertTrue(Double.isNaN(records.get(2).values().get("acc")));
    Path old = folder().resolve("quiz.jsonl");
    Files.writeString(
        old,
        "{\"doc_id\":3,\"doc\":{},\"target\":0,\"arguments\":[],\"resps\":[],"
            + "\"filtered_resps\":[\"an answer\"],\"exact_match\":1}\n");
    ItemRecord record = read(old).records().getFirst();
    assertEquals(record.task(), "quiz");
    assertEquals(record.prediction(), "an answer");
    assertEquals(record.values().get("exact_match"), 1.0);
  }

  /** Documents with another hash are not paired, others are; prompts that differ are told. */
  @Test
  public void pairsOnlyTheSameDocuments() throws IOException {
    Path folder = folder();
    write(folder.resolve("base"), line(0, "a", "1"), line(1, "b", "0"), line(2, "c", "1"));
    write(
        folder.resolve("quant"),
        line(0, "a", "1").replace("\"p\"", "\"other\""),
        line(1, "b", "1"),
        line(2, "x", "0"));
    CollectedResults results = read(folder);
    assertEquals(results.records().size(), 5);
    assertEquals(results.firstRun(), Optional.of("base"));
    assertEquals(
        results.notes(),
        List.of(
            "quant, quiz: 1 documents differ from those of the same number in the runs before (the"
                + " first is 2); they are left out.",
            "quant, quiz: 1 documents were asked with another prompt than in the runs before; a"
                + " difference may be the prompt's."));
  }

  /** Runs under the same model's name are told apart by the folder above. */
  @Test
  public void namesRunsByTheirFolders() throws IOException {
    Path folder = folder();
    write(folder.resolve("fp16/gpt2"), line(0, "a", "1"));
    write(folder.resolve("w4/gpt2"), line(0, "a", "0"));
    assertEquals(
        read(folder).records().stream().map(ItemRecord::scheme).toList(),
        List.of("fp16/gpt2", "w4/gpt2"));
  }

  @DataProvider
  Object[][] damages() {
    return new Object[][] {
      {line(1, "b", "1").substring(0, 100), "line 2: it is not valid JSON"},
      {"[1]\n", "line 2: it is not a JSON object"},
      {line(1, "b", "1").replace("1,", "\"1\","), "line 2: doc_id is '1', but must be"},
      {line(1, "b", "1").replace("1,", "-1,"), "line 2: doc_id is -1, but must be"},
      {line(1, "b", "1").replace("1,", "1.5,"), "line 2: doc_id is 1.5, but must be"},
      {line(1, "b", "1").replace("1,", "9".repeat(30) + ","), "does not fit 64 bits"},
      {line(1, "b", "1e999"), "line 2: 'acc' holds a number that is too large"},
      {line(1, "b", "\"yes\""), "line 2: metric 'acc' is no number, unlike in the lines before"},
      {line(1, "b", "{}"), "line 2: metric 'acc' is no number"},
      {line(1, "b", "1").replace("[\"acc\"]", "[\"f1\"]"), "line 2: the metric 'f1' is listed"},
      {line(1, "b", "1").replace("[\"acc\"]", "\"acc\""), "line 2: metrics is 'acc', but must be"},
      {line(1, "b", "1").replace("target\"", "tarot\""), "line 2: not a sample of lm-eval"},
      {line(0, "a", "0"), "line 2: document 0 was scored before, with other values"},
      {line(1, "b", "[".repeat(100_000)), "line 2: it is not valid JSON"},
      {line(1, "b", "1").replace("none", "strict"), "document 0 has answers of the filters [none]"},
    };
  }

  @Test(dataProvider = "damages")
  public void saysWhatIsWrongAndWhere(String second, String reason) throws IOException {
    Path file = write(folder(), line(0, "a", "1"), second);
    String message = expectThrows(IllegalArgumentException.class, () -> read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(reason), message);
  }

  /** What the results file beside the samples contradicts is not taken silently. */
  @Test
  public void holdsSamplesAgainstTheResultsFile() throws IOException {
    Path file = write(folder(), line(0, "a", "1"), line(1, "b", "0"));
    Path results = file.resolveSibling("results_" + ForeignFiles.DATE + ".json");
    Files.writeString(
        results,
        "{\"results\":{\"quiz\":{\"acc,none\":0.75}},\"n-samples\":{\"quiz\":{\"effective\":2}}}");
    CollectedResults other = read(file);
    assertEquals(other.records(), List.of());
    assertTrue(other.notes().getFirst().contains("0.75, which is not what its items make (0.5)"));
    Files.writeString(
        results, "{\"results\":{\"quiz\":{}},\"n-samples\":{\"quiz\":{\"effective\":9}}}");
    String cut = expectThrows(IllegalArgumentException.class, () -> read(file)).getMessage();
    assertTrue(cut.contains("the file has 2 documents, but"), cut);
    Files.writeString(results, "{\"results\":\n{\"quiz\":");
    String broken = expectThrows(IllegalArgumentException.class, () -> read(file)).getMessage();
    assertTrue(broken.startsWith(results + ": not valid JSON"), broken);
    assertTrue(broken.contains("line 2"), broken);
  }

  /** Bytes changed or cut at random: read, or refused with file and line. */
  @Test
  public void survivesDamage() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      text.append(line(i, "h" + i, i % 2 == 0 ? "1.0" : "0.0"));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Path file = write(folder(), text.toString());
    Random random = new Random(5);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] damaged =
          i % 2 == 0 ? bytes.clone() : Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1));
      if (i % 2 == 0) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(file, damaged);
      boolean cutInside =
          i % 2 == 1 && !new String(damaged, StandardCharsets.UTF_8).endsWith("}\n");
      try {
        int samples = LmEvalFile.read(file).samples().size();
        assertTrue(samples > 0 && samples <= 5);
        assertTrue(!cutInside || damaged[damaged.length - 1] == '}', "a line was half-read");
      } catch (IllegalArgumentException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertTrue(e.getMessage().matches("(?s).* line \\d+: .*"), e.getMessage());
      }
    }
    assertTrue(refused > 400, refused + " refused");
  }
}
