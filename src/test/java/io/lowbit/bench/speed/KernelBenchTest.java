// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.InterpreterOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.testng.annotations.Test;

/** The code behind {@code lowbit bench kernels}, on an interpreted device at small sizes. */
public final class KernelBenchTest {
  private static final KernelBench.Options ALL = new KernelBench.Options(false, List.of(), 1e6);

  private static KernelBench bench(Settings settings) {
    return new KernelBench(settings, System::nanoTime, _ -> {});
  }

  private static KernelReport run(List<Entry> entries) {
    try (GpuDriver driver = new InterpretedDriver()) {
      long free = driver.memory().freeBytes();
      KernelReport report =
          bench(SmallTables.SETTINGS).run(driver, entries, ALL, Peers.NONE, "lowbit test");
      assertEquals(driver.memory().freeBytes(), free, "all device memory is freed");
      return report;
    }
  }

  @Test
  public void everyEntryGivesNumbersThatAreRight() {
    List<Entry> entries = SmallTables.tables().entries();
    KernelReport report = run(entries);
    assertEquals(report.dropped(), List.of());
    assertEquals(
        report.results().stream().map(Result::name).toList(),
        entries.stream().map(Entry::name).toList());
    for (Result result : report.results()) {
      assertTrue(result.microseconds() > 0, result.name());
      assertTrue(Double.isFinite(result.microseconds()), result.name());
      assertTrue(result.gigabytesPerSecond() > 0, result.name());
      assertFalse(result.isWrong(), result + "");
      assertTrue(result.calls() >= SmallTables.SETTINGS.calls(), result + "");
      assertEquals(result.calls() % result.copies(), 0, result + "");
      boolean computes = !result.name().matches("(ceiling/(copy|graph)|layer/).*");
      assertEquals(result.relativeError().isPresent(), computes, result.name());
    }
    assertTrue(report.passed());
    assertTrue(report.text().endsWith("%d measurements.%n".formatted(entries.size())));
  }

  @Test
  public void bytesAndOperationsFollowFromTheShapes() {
    List<Entry> entries =
        SmallTables.tables().entries().stream()
            .filter(e -> e.problem().matches("linear/small.o/m70|decode/.*"))
            .toList();
    KernelReport report = run(entries);
    // Codes, and pairs {fp16 scale, zero} of 2 groups a row; of one for 8 bits. IntegerWeight has
    // 8 bytes a group.
    long weights = 320 * 128;
    // 2 sequences of 128 tokens, keys and values of 4 heads of 16.
    long numbers = 2 * 128 * 2 * 4 * 16;
    Map<String, Long> bytes =
        Map.of(
            "linear/small.o/m70/bf16", 2 * weights,
            "linear/small.o/m70/w4g64", weights / 2 + 320 * 2 * 4,
            "linear/small.o/m70/w8", weights + 320 * 4,
            "linear/small.o/m70/w8a8", weights + 320 * 8,
            "decode/small/b2.t128/bf16", 2 * numbers,
            "decode/small/b2.t128/kv8", numbers + numbers / 16 * 4,
            "decode/small/b2.t128/kv4", numbers / 2 + numbers / 16 * 4,
            // Keys: a pair for each channel and 32 tokens.
            "decode/small/b2.t128/kv4-kivi",
                numbers / 2 + numbers / 2 / 32 * 4 + numbers / 2 / 16 * 4);
    for (Result result : report.results()) {
      if (bytes.containsKey(result.name())) {
        assertEquals(result.bytes(), (long) bytes.get(result.name()), result.name());
      }
      double operations = result.problem().startsWith("linear") ? 2.0 * 70 * weights : 2 * numbers;
      assertEquals(result.operations(), operations, result.name());
    }
    assertEquals(report.results().stream().filter(r -> bytes.containsKey(r.name())).count(), 8);
  }

  @Test
  public void callsTakeTheCopiesInTurn() {
    for (String variant : List.of("bf16", "w4g64", "w8a8")) {
      Entry entry =
          SmallTables.tables().entries().stream()
              .filter(e -> e.name().equals("linear/small.o/m1/" + variant))
              .findFirst()
              .orElseThrow();
      LaunchSpy spy = new LaunchSpy();
      try (InterpretedDriver device = new InterpretedDriver()) {
        KernelReport report =
            bench(new Settings(120_000, 0, 5, 1, 2, 2, 60))
                .run(spy.on(device), List.of(entry), ALL, Peers.NONE, "");
        Result result = report.results().getFirst();
        int copies = result.copies();
        assertTrue(copies >= 2 && copies * result.bytes() >= 120_000, result + "");
        int perCall = spy.captured().size() / result.calls();
        for (int call = 0; call < result.calls(); call++) {
          List<String> one = spy.captured().subList(call * perCall, (call + 1) * perCall);
          int same = call % copies * perCall;
          assertEquals(one, spy.captured().subList(same, same + perCall), "call " + call);
        }
        Set<String> first = new HashSet<>();
        for (int copy = 0; copy < copies; copy++) {
          first.add(spy.captured().get(copy * perCall));
        }
        assertEquals(first.size(), copies, "weights of the copies differ");
      }
    }
  }

  @Test
  public void whatDoesNotFitTheTimeIsDroppedByImportance() {
    List<Entry> entries = new ArrayList<>(SmallTables.tables().entries());
    long[] clock = {0};
    KernelBench bench =
        new KernelBench(SmallTables.SETTINGS, () -> clock[0], _ -> clock[0] += 1_000_000_000);
    try (GpuDriver driver = new InterpretedDriver()) {
      KernelBench.Options options = new KernelBench.Options(false, List.of("linear"), 3);
      KernelReport report = bench.run(driver, entries, options, Peers.NONE, "");
      // The copy, and what began at seconds 1, 2 and 3.
      assertEquals(
          report.results().stream().map(Result::name).toList(),
          List.of(
              "ceiling/copy/copy",
              "linear/small.o/m1/bf16",
              "linear/small.o/m1/w8",
              "linear/small.o/m1/w8a8"));
      assertEquals(report.dropped().size(), 9);
      assertTrue(report.passed(), "what time did not allow is no failure");
      assertTrue(report.text().contains("9 left out"), report.text());
      assertTrue(report.text().contains("linear/small.o/m70/bf16: the 3 seconds were over"));
    }
  }

  @Test
  public void whatDoesNotFitTheMemoryIsLeftOutAndTheRestIsMeasured() {
    InterpreterOptions options =
        new InterpreterOptions(1, 1, 50_000_000, true, true, 6L << 20, false);
    Entry large =
        LinearEntries.entry("linear/large/m1", new LinearShape("large", 8192, 512), 1, "bf16", 0);
    Entry small = SmallTables.tables().entries().getFirst();
    try (GpuDriver driver = new InterpretedDriver(options)) {
      KernelReport report =
          bench(SmallTables.SETTINGS).run(driver, List.of(large, small), ALL, Peers.NONE, "");
      assertEquals(report.results().getFirst().name(), small.name());
      assertEquals(report.dropped().getFirst().name(), "linear/large/m1/bf16");
      assertTrue(report.dropped().getFirst().reason().contains("needs 8 MiB"), report.text());
      assertTrue(report.passed());
    }
  }

  @Test
  public void afterADeviceFailureNothingIsMeasured() {
    Entry broken =
        new Entry(
            "broken",
            "x",
            Map.of(),
            0,
            "broken",
            (_, _) -> {
              throw new GpuException(
                  GpuException.LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "running it");
            });
    Entry refused =
        new Entry(
            "refused",
            "x",
            Map.of(),
            0,
            "refused",
            (_, _) -> {
              throw new IllegalArgumentException("no such kernel");
            });
    Entry good = SmallTables.tables().entries().getFirst();
    KernelReport report = run(List.of(refused, good, broken, good));
    assertEquals(report.results().size(), 1);
    assertEquals(report.dropped().size(), 3);
    assertFalse(report.passed());
    assertTrue(report.text().contains("FAILED refused/x: no such kernel"), report.text());
    assertTrue(report.dropped().getLast().reason().contains("failed in broken/x"));
  }

  @Test
  public void wrongResultsAreSeen() {
    Result right = new Result("p", "v", Map.of(), 10, 10, 1, 4, 2, 2, OptionalDouble.of(0.004));
    Result wrong =
        new Result("p", "v", Map.of(), 10, 10, 1, 4, 2, 2, OptionalDouble.of(Double.NaN));
    Provenance provenance = Provenance.of("lowbit", "a device");
    assertTrue(new KernelReport(provenance, List.of(right), List.of(), Peers.NONE).passed());
    KernelReport report = new KernelReport(provenance, List.of(wrong), List.of(), Peers.NONE);
    assertFalse(report.passed());
    assertTrue(report.text().contains("WRONG"), report.text());
    assertTrue(report.markdown().contains("**wrong**"), report.markdown());
    JsonObject json = JsonParser.parseString(report.json()).getAsJsonObject();
    assertEquals(
        json.getAsJsonArray("results").get(0).getAsJsonObject().get("relative_error").getAsString(),
        "NaN");
  }

  @Test
  public void sharesOfTheCopyAndRatiosToPeers() {
    Result copy =
        new Result("ceiling/copy", "copy", Map.of(), 8000, 0, 2, 20, 1, 20, OptionalDouble.empty());
    Result ours =
        new Result(
            "linear/x/m1",
            "w4",
            Map.of("m", 1),
            1000,
            4e6,
            0.5,
            20,
            3,
            20,
            OptionalDouble.of(0.01));
    Peers peers =
        new Peers(
            "H",
            "torch",
            Map.of(
                "linear/x/m1",
                List.of(
                    new Peers.Time("a", 1.5), new Peers.Time("c", 1), new Peers.Time("b", 0.4))));
    KernelReport report =
        new KernelReport(Provenance.of("lowbit", "d"), List.of(copy, ours), List.of(), peers);
    assertEquals(report.copyGigabytesPerSecond().getAsDouble(), 4.0);
    JsonObject result =
        JsonParser.parseString(report.json())
            .getAsJsonObject()
            .getAsJsonArray("results")
            .get(1)
            .getAsJsonObject();
    assertEquals(result.get("gigabytes_per_second").getAsDouble(), 2.0);
    assertEquals(result.get("percent_of_copy").getAsDouble(), 50.0);
    assertEquals(result.get("teraflops").getAsDouble(), 8.0);
    assertEquals(result.get("best_peer").getAsString(), "b");
    assertEquals(result.get("best_peer_ratio").getAsDouble(), 0.8, 1e-12);
    assertTrue(report.text().contains("a 3.00x, b 0.80x"), report.text());
    assertTrue(report.markdown().contains("| 50 | 8.0 | 1.0e-02 | a 3.00x, c 2.00x, b 0.80x |"));
  }

  @Test
  public void theFullTablesHoldWhatTheListAsksFor() {
    List<Entry> entries = Tables.full().entries();
    Set<String> names = new HashSet<>();
    for (Entry entry : entries) {
      assertTrue(names.add(entry.name()), entry.name() + " is there twice");
    }
    assertTrue(names.contains("linear/70b.gate_up/m2048/w4g128"));
    assertTrue(names.contains("linear/70b.down/m16/w4g32"));
    assertTrue(names.contains("linear/7b.lm_head/m1/bf16"));
    assertTrue(names.contains("decode/70b/b16.t32768/kv4-kivi"));
    assertFalse(names.contains("decode/7b/b16.t32768/kv4"));
    assertEquals(
        entries.stream().map(Entry::importance).toList(),
        entries.stream().map(Entry::importance).sorted().toList());
    // 4 layers of 11 M and 8 of 4 M under 7 schemes; 4 M under 2 groups; two heads of 4 M.
    long linears = entries.stream().filter(e -> e.problem().startsWith("linear/")).count();
    assertEquals(linears, (4 * 11 + 8 * 4) * 7 + 4 * 2 + 2 * 4);
    KernelBench.Options quick = new KernelBench.Options(true, List.of(), 60);
    List<Entry> few = KernelBench.selected(entries, quick);
    assertTrue(few.size() > 30 && few.size() < 80, few.size() + "");
  }

  @Test
  public void namesThatDoNotExistAreRefused() {
    KernelBench.Options options = new KernelBench.Options(false, List.of("gemm"), 1);
    IllegalArgumentException refused =
        expectThrows(IllegalArgumentException.class, () -> KernelBench.check(options));
    assertTrue(refused.getMessage().contains("nothing to time has 'gemm'"), refused.getMessage());
    assertTrue(refused.getMessage().contains("linear/70b.gate_up/m1/bf16"), refused.getMessage());
    expectThrows(IllegalArgumentException.class, () -> new KernelBench.Options(true, List.of(), 0));
    expectThrows(IllegalArgumentException.class, () -> new LinearShape("odd", 100, 64));
  }

  @Test
  public void mediansAreThoseOfTheMiddle() {
    assertEquals(GraphTimer.median(new double[] {5, 1, 3}), 3.0);
    assertEquals(GraphTimer.median(new double[] {4, 1, 3, 9}), 3.5);
    assertEquals(Optional.empty(), Peers.NONE.best("x"));
  }
}
