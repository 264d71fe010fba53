// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.testng.SkipException;
import org.testng.annotations.Test;

/** Files of other programs' times, and that {@code peers.py} times what we time. */
public final class PeersTest {
  private static final Path SCRIPT = Path.of("src", "tools", "gpu", "peers.py");
  private static final String GOOD =
      """
      {"schema": "lowbit-bench-1", "provenance": {"program": "p", "device": "d"}, "results": [
       {"problem": "linear/x/m1", "variant": "slow", "microseconds": 4},
       {"problem": "linear/x/m1", "variant": "fast", "microseconds": 2.5}]}
      """;

  /** What a Python program prints. */
  private static String python(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("python3", "-B"));
    command.addAll(List.of(arguments));
    Process process;
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException e) {
      throw new SkipException("needs python3: " + e.getMessage());
    }
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(process.waitFor(), 0, text);
    return text;
  }

  /** Runs statements that have imported the script as {@code peers}. */
  private static JsonElement script(String statements) throws Exception {
    String program =
        "import sys, json; sys.path.insert(0, %s); import peers; %s"
            .formatted("'" + SCRIPT.getParent() + "'", statements);
    return JsonParser.parseString(python("-c", program));
  }

  @Test
  public void theScriptTimesOurProblems() throws Exception {
    Map<String, Map<String, Integer>> ours = new TreeMap<>();
    for (Entry entry : Tables.full().entries()) {
      // Nothing else stores keys and values as we do, and a launch is a launch.
      if (!entry.problem().startsWith("append/") && !entry.problem().equals(CeilingEntries.NODE)) {
        ours.put(entry.problem(), new TreeMap<>(entry.dimensions()));
      }
    }
    Map<String, Map<String, Integer>> theirs = new TreeMap<>();
    for (JsonElement element :
        JsonParser.parseString(python(SCRIPT.toString(), "--list")).getAsJsonArray()) {
      JsonObject problem = element.getAsJsonObject();
      Map<String, Integer> dimensions = new TreeMap<>();
      problem
          .getAsJsonObject("dimensions")
          .asMap()
          .forEach((name, value) -> dimensions.put(name, value.getAsInt()));
      theirs.put(problem.get("problem").getAsString(), dimensions);
    }
    assertEquals(theirs, ours);
  }

  @Test
  public void theScriptRotatesAsWeDo() throws Exception {
    int[] sizes = {1, 1000, 7_654_321, 600 << 20};
    JsonElement counts =
        script(
            "print(json.dumps([peers.copies_for(s, 2 << 30, 0) for s in (1000, 7654321, 600 << 20)]))");
    InterpreterOptions options =
        new InterpreterOptions(1, 1, 1000, false, false, (2L << 30) - 1, false);
    Settings settings = new Settings(512L << 20, 0, 20, 3, 20, 5, 1.5);
    try (GpuDriver driver = new InterpretedDriver(options);
        Kernels kernels = new Kernels(driver);
        Workbench bench = new Workbench(kernels, settings)) {
      for (int i = 1; i < sizes.length; i++) {
        assertEquals(
            counts.getAsJsonArray().get(i - 1).getAsInt(), bench.copies(sizes[i]), "" + sizes[i]);
      }
      assertEquals(bench.copies(600 << 20), 2);
      assertEquals(bench.copies(7_654_321), 71);
    }
  }

  @Test
  public void whatTheScriptWritesIsRead() throws Exception {
    JsonElement written =
        script(
            """
            r = peers.result('linear/x/m1', 'torch.matmul', {'m': 1}, 12.5, 25000, 1e6, 20, 3, 20); \
            print(json.dumps(peers.document({'program': 'torch 9', 'device': 'GPU', 'date': ''}, [r], [])))\
            """);
    Peers peers = Peers.of(written.getAsJsonObject());
    assertEquals(peers.program(), "torch 9");
    assertEquals(
        peers.byProblem(), Map.of("linear/x/m1", List.of(new Peers.Time("torch.matmul", 12.5))));
    JsonObject result =
        written.getAsJsonObject().getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals(result.get("gigabytes_per_second").getAsDouble(), 2.0);
    assertEquals(result.get("teraflops").getAsDouble(), 0.08, 1e-12);
  }

  @Test
  public void ourOwnFilesAreRead() {
    Result result =
        new Result(
            "linear/x/m1", "w4", Map.of("m", 1), 1000, 0, 0.5, 20, 3, 20, OptionalDouble.empty());
    KernelReport report =
        new KernelReport(Provenance.of("lowbit 1", "GPU"), List.of(result), List.of(), Peers.NONE);
    Peers peers = Peers.of(JsonParser.parseString(report.json()).getAsJsonObject());
    assertEquals(peers.device(), "GPU");
    assertEquals(peers.best("linear/x/m1"), Optional.of(new Peers.Time("w4", 0.5)));
  }

  @Test
  public void ratiosAreTheirTimeOverOurs() throws IOException {
    Peers peers = read(GOOD);
    assertEquals(peers.best("linear/x/m1"), Optional.of(new Peers.Time("fast", 2.5)));
    assertEquals(peers.best("linear/y/m1"), Optional.empty());
    assertEquals(peers.ratios("linear/x/m1", 0.5), "slow 8.00x, fast 5.00x");
    assertEquals(peers.ratios("linear/y/m1", 0.5), "");
  }

  @Test
  public void otherFilesAreRefusedWithWhatIsWrong() {
    assertRefused("[]", "not a file of times");
    assertRefused("{", "not a file of times");
    assertRefused(GOOD.replace("bench-1", "bench-7"), "the schema is 'lowbit-bench-7'");
    assertRefused(GOOD.replace("\"device\"", "\"gpu\""), "the provenance has no 'device'");
    assertRefused(GOOD.replace("2.5", "0"), "result 1 has no microseconds above zero");
    assertRefused(GOOD.replace("results", "times"), "'results' is missing");
  }

  private static void assertRefused(String text, String reason) {
    IllegalArgumentException refused =
        expectThrows(IllegalArgumentException.class, () -> read(text));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    assertTrue(refused.getMessage().contains(".json"), refused.getMessage());
  }

  private static Peers read(String text) throws IOException {
    Path file = Files.createTempFile("peers", ".json");
    try {
      Files.writeString(file, text);
      return Peers.read(file);
    } finally {
      Files.delete(file);
    }
  }
}
