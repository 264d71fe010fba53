// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.AttentionShape;
import io.lowbit.backend.CacheLayout;
import io.lowbit.backend.Span;
import io.lowbit.backend.cuda.Attention;
import io.lowbit.backend.cuda.CacheAppend;
import io.lowbit.backend.cuda.CudaKvCache;
import io.lowbit.backend.cuda.CudaPagePool;
import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.SpanTables;
import io.lowbit.bench.AttentionCases.Data;
import io.lowbit.bench.AttentionScenario.Kind;
import io.lowbit.bench.AttentionScenario.Part;
import io.lowbit.bench.AttentionScenario.Path;
import io.lowbit.bench.AttentionScenario.Sequence;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.ptx.LaunchReport;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class AttentionKernelTest {
  private final InterpretedDriver driver = new InterpretedDriver();
  private final Kernels kernels = new Kernels(driver);

  @AfterClass
  void close() {
    kernels.close();
    driver.close();
  }

  @DataProvider
  Iterator<Object[]> samples() {
    return AttentionCases.cases()
        .filter(ConformanceCase::sample)
        .map(c -> new Object[] {c})
        .iterator();
  }

  @Test(dataProvider = "samples")
  public void agreesWithDoublePrecision(ConformanceCase conformance) {
    ConformanceCase.Outcome outcome = conformance.run(kernels);
    assertTrue(outcome.passed(), outcome.toString());
  }

  @Test
  public void casesHaveNamesOfTheirOwn() {
    List<String> names = AttentionCases.cases().map(ConformanceCase::description).toList();
    assertEquals(names.stream().distinct().count(), names.size());
  }

  private static Kind kind(int heads, int keyHeads, int dim, Optional<CacheScheme> scheme) {
    return new Kind(DType.F16, heads, keyHeads, dim, scheme, 0, false);
  }

  private static Sequence normal(Kind kind, int tokens, long seed) {
    return Sequence.of(kind, tokens, AttentionCases.numbers(Data.NORMAL, kind, seed));
  }

  private static Optional<CacheScheme> tokens(int bits, int window) {
    return AttentionCases.scheme(bits, bits, 0, window, false, DType.F16);
  }

  @DataProvider
  Object[][] schemes() {
    return new Object[][] {
      {Optional.empty()},
      {tokens(8, 0)},
      {tokens(4, 0)},
      {tokens(4, 40)},
      {AttentionCases.scheme(2, 4, 16, 40, true, DType.F16)},
    };
  }

  @Test(dataProvider = "schemes")
  public void onePassGivesTheBytesOfSingleSteps(Optional<CacheScheme> scheme) {
    int tokens = 150;
    Kind kind = kind(2, 1, 16, scheme);
    Sequence sequence = normal(kind, tokens, 3);
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      float[] all = scenario.pass(scenario.cache(), sequence, 0, tokens, Path.PREFILL);
      float[] decoded = scenario.pass(scenario.cache(), sequence, 0, tokens, Path.DECODE);
      assertEquals(decoded, all, "both kernels");
      CudaKvCache cache = scenario.cache();
      int width = all.length / tokens;
      for (int token = 0; token < tokens; token++) {
        float[] one = scenario.pass(cache, sequence, token, token + 1, Path.CHOSEN);
        float[] expected = Arrays.copyOfRange(all, token * width, (token + 1) * width);
        assertEquals(one, expected, "token " + token);
      }
    }
  }

  @Test
  public void chunksAreMergedAlikeInBothKernels() {
    int before = 500;
    int tokens = 530;
    Kind kind = new Kind(DType.BF16, 4, 2, 8, Optional.empty(), 0, true);
    Sequence sequence = normal(kind, tokens, 4);
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      CudaKvCache cache = scenario.cache();
      scenario.append(cache, sequence, 0, before);
      CudaKvCache fork = cache.fork();
      float[] all = scenario.pass(cache, sequence, before, tokens, Path.PREFILL);
      assertEquals(scenario.pass(cache.fork(), sequence, before, tokens, Path.DECODE), all);
      int width = all.length / (tokens - before);
      for (int token = before, step = 1; token < tokens; token += step, step = step % 4 + 1) {
        int to = Math.min(tokens, token + step);
        float[] some = scenario.pass(fork, sequence, token, to, Path.CHOSEN);
        float[] expected = Arrays.copyOfRange(all, (token - before) * width, (to - before) * width);
        assertEquals(some, expected, "token " + token);
      }
      Part part = new Part(cache, sequence, before, tokens);
      assertTrue(AttentionCases.compare(all, List.of(part)).passed());
    }
  }

  @Test(dataProvider = "schemes")
  public void aRowHasTheSameBytesAloneAndAmongOthers(Optional<CacheScheme> scheme) {
    Kind kind = kind(2, 1, 16, scheme);
    Sequence sequence = normal(kind, 33, 5);
    Sequence other = normal(kind, 25, 6);
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      float[] all = scenario.pass(scenario.cache(), sequence, 0, 33, Path.PREFILL);
      CudaKvCache stem = scenario.cache();
      scenario.append(stem, sequence, 0, 32);
      for (Path path : new Path[] {Path.PREFILL, Path.DECODE}) {
        float[] alone = scenario.pass(stem.fork(), sequence, 32, 33, path);
        assertEquals(alone, Arrays.copyOfRange(all, 32 * 2 * 16, 33 * 2 * 16));
        List<Part> parts =
            List.of(
                new Part(scenario.cache(), other, 0, 25),
                new Part(stem.fork(), sequence, 32, 33),
                new Part(scenario.cache(), other, 0, 2));
        float[] joined = scenario.pass(parts, path);
        assertEquals(Arrays.copyOfRange(joined, 25 * 2 * 16, 26 * 2 * 16), alone);
      }
    }
  }

  @Test(dataProvider = "schemes")
  public void forksContinueOnTheirOwn(Optional<CacheScheme> scheme) {
    Kind kind = kind(2, 1, 16, scheme);
    Sequence sequence = normal(kind, 90, 7);
    Sequence stranger = normal(kind, 90, 8);
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      CudaKvCache parent = scenario.cache();
      scenario.append(parent, sequence, 0, 70);
      CudaKvCache first = parent.fork();
      CudaKvCache second = parent.fork();
      scenario.pass(first, stranger, 70, 90, Path.CHOSEN);
      float[] expected = scenario.pass(second, sequence, 70, 90, Path.CHOSEN);
      assertEquals(scenario.pass(parent, sequence, 70, 90, Path.CHOSEN), expected);
      Part part = new Part(parent, sequence, 70, 90);
      assertTrue(AttentionCases.compare(expected, List.of(part)).passed());
    }
  }

  @Test
  public void exactPagesAreGivenBackWhenNoQueryCanReadThem() {
    Kind kind = kind(1, 1, 16, tokens(4, 40));
    Sequence sequence = normal(kind, 200, 9);
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      CudaKvCache cache = scenario.cache();
      scenario.append(cache, sequence, 0, 200);
      // Two layers; codes of 4 bits with a pair of fp16 each; values have a flag.
      long codes = 2 * 64 * (16 / 2 + 4);
      long exact = 2 * 64 * 16 * 2;
      long flags = 2 * 64;
      // Position 200 reads exactly from 161 on: pages 2 and 3.
      assertEquals(cache.bytes(), 4 * (2 * codes + flags) + 2 * (2 * exact + flags));
    }
  }

  @DataProvider
  Object[][] dense() {
    return new Object[][] {{64, Path.PREFILL}, {128, Path.PREFILL}, {128, Path.DECODE}};
  }

  @Test(dataProvider = "dense")
  public void sharedMemoryHasNoConflictsAndStreamsMoveWholeSectors(int dim, Path path) {
    Kind kind = kind(1, 1, dim, Optional.empty());
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      CudaKvCache cache = scenario.cache();
      Sequence sequence = normal(kind, 128, 10);
      scenario.append(cache, sequence, 0, 64);
      driver.forgetLaunches();
      scenario.pass(cache, sequence, 64, 128, path);
      Counters counters =
          driver.launches().stream()
              .filter(l -> l.kernel().contains("prefill") || l.kernel().contains("decode"))
              .map(LaunchReport::counters)
              .findFirst()
              .orElseThrow();
      assertEquals(counters.bankConflicts(), 0);
      assertEquals(
          counters.sectors(InstructionClass.ASYNC_COPY),
          counters.idealSectors(InstructionClass.ASYNC_COPY));
      long tiles = path == Path.PREFILL ? 1 : 4;
      long warps = 4;
      // Scores of 16 x 64, sums of 16 x dim and the sum of weights, in steps of 16, of two pages.
      int perRows = 64 / 8 * dim / 16 + dim / 8 * 64 / 16;
      long perPage = path == Path.PREFILL ? warps * (perRows + 64 / 16) : perRows + warps * 64 / 16;
      assertEquals(counters.matrixInstructions(), 2 * tiles * perPage);
    }
  }

  @Test
  public void codesAreReadInWholeSectors() {
    Kind kind = kind(1, 1, 128, tokens(4, 0));
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      CudaKvCache cache = scenario.cache();
      Sequence sequence = normal(kind, 128, 11);
      scenario.append(cache, sequence, 0, 127);
      driver.forgetLaunches();
      scenario.pass(cache, sequence, 127, 128, Path.DECODE);
      Counters counters = driver.launches().get(driver.launches().size() - 2).counters();
      assertEquals(counters.bankConflicts(), 0);
      List<Counters.Line> loads =
          counters.lines().stream().filter(l -> l.text().startsWith("ld.global.")).toList();
      assertEquals(loads.stream().filter(l -> l.sectors() != l.idealSectors()).toList(), List.of());
      // A lane reads 8 codes of 4 bits and their pair, of keys and values in two pages.
      long words =
          loads.stream()
              .filter(l -> l.text().startsWith("ld.global.u32"))
              .mapToLong(Counters.Line::lanes)
              .sum();
      assertEquals(words, 2 * 2 * 2 * 64 * 128 / 8);
    }
  }

  @Test
  public void wrongShapesAreRefused() {
    CacheLayout layout = new CacheLayout(2, 2, 16, Optional.empty());
    try (CudaPagePool pool = new CudaPagePool(kernels, layout, DType.F16);
        SpanTables tables = new SpanTables(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      Attention attention = new Attention(kernels);
      CacheAppend append = new CacheAppend(kernels);
      tables.prepare(List.of(new Span(pool.newCache(), 0, 0, 3)), 3);
      DeviceMatrix kv = memory.poisonedMatrix(3, 32, DType.F16);
      DeviceMatrix q = memory.poisonedMatrix(3, 64, DType.F16);
      AttentionShape shape = new AttentionShape(4, 2, 16, 0.25f, 0);
      refused(
          "[3, 32], expected [3, 64]",
          () -> attention.run(0, kv, shape, DevicePointer.NULL, tables, q));
      refused("keys is [3, 64], expected [3, 32]", () -> append.run(0, q, kv, tables));
      refused("layer 2 is not in a cache of 2 layers", () -> append.run(2, kv, kv, tables));
      refused("layer -1", () -> attention.run(-1, q, shape, DevicePointer.NULL, tables, q));
      DeviceMatrix bfloat = memory.poisonedMatrix(3, 64, DType.BF16);
      refused(
          "q: BF16, expected F16",
          () -> attention.run(0, bfloat, shape, DevicePointer.NULL, tables, q));
      AttentionShape foreign = new AttentionShape(3, 2, 16, 0.25f, 0);
      refused(
          "does not fit caches of 2 key heads of 16",
          () -> attention.run(0, q, foreign, DevicePointer.NULL, tables, q));
    }
  }

  private static void refused(String part, Runnable run) {
    IllegalArgumentException error = expectThrows(IllegalArgumentException.class, run::run);
    assertTrue(error.getMessage().contains(part), error.getMessage());
  }

  @Test
  public void noRowsLaunchNothing() {
    try (SpanTables tables = new SpanTables(kernels);
        CaseMemory memory = new CaseMemory(driver)) {
      DeviceMatrix none = memory.poisonedMatrix(0, 32, DType.F16);
      tables.prepare(List.of(), 0);
      driver.forgetLaunches();
      new CacheAppend(kernels).run(0, none, none, tables);
      AttentionShape shape = new AttentionShape(2, 2, 16, 0.25f, 0);
      new Attention(kernels).run(0, none, shape, DevicePointer.NULL, tables, none);
      assertEquals(driver.launches().size(), 0);
    }
  }
}
