// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.backend.cuda.Kernels;
import io.lowbit.bench.AttentionCases.Data;
import io.lowbit.bench.AttentionScenario.Kind;
import io.lowbit.bench.AttentionScenario.Sequence;
import io.lowbit.ptx.Counters;
import io.lowbit.ptx.InstructionClass;
import io.lowbit.ptx.InterpretedDriver;
import io.lowbit.quant.CacheScheme;
import io.lowbit.tensor.DType;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.AfterClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class CacheAppendTest {
  private final InterpretedDriver driver = new InterpretedDriver();
  private final Kernels kernels = new Kernels(driver);

  @AfterClass
  void close() {
    kernels.close();
    driver.close();
  }

  @DataProvider
  Iterator<Object[]> samples() {
    return CacheAppendCases.cases()
        .filter(ConformanceCase::sample)
        .map(c -> new Object[] {c})
        .iterator();
  }

  @Test(dataProvider = "samples")
  public void pagesHoldWhatTheQuantizerGives(ConformanceCase conformance) {
    ConformanceCase.Outcome outcome = conformance.run(kernels);
    assertTrue(outcome.passed(), outcome.toString());
  }

  @Test
  public void casesHaveNamesOfTheirOwn() {
    List<String> names = CacheAppendCases.cases().map(ConformanceCase::description).toList();
    assertEquals(names.stream().distinct().count(), names.size());
  }

  @DataProvider
  Object[][] streams() {
    Optional<CacheScheme> four = AttentionCases.scheme(4, 4, 0, 0, false, DType.F16);
    Optional<CacheScheme> channels = AttentionCases.scheme(4, 16, 64, 0, true, DType.F16);
    return new Object[][] {{Optional.empty(), "tokens"}, {four, "tokens"}, {channels, "channels"}};
  }

  @Test(dataProvider = "streams")
  public void inputsAndPagesMoveInWholeSectors(Optional<CacheScheme> scheme, String variant) {
    Kind kind = new Kind(DType.F16, 2, 2, 128, scheme, 0, false);
    Sequence sequence = Sequence.of(kind, 64, AttentionCases.numbers(Data.NORMAL, kind, 1));
    try (AttentionScenario scenario = new AttentionScenario(kernels, kind)) {
      driver.forgetLaunches();
      scenario.append(scenario.cache(), sequence, 0, 64);
      Counters counters =
          driver.launches().stream()
              .filter(l -> l.kernel().endsWith(variant))
              .findFirst()
              .orElseThrow()
              .counters();
      assertEquals(
          counters.sectors(InstructionClass.GLOBAL_LOAD),
          counters.idealSectors(InstructionClass.GLOBAL_LOAD));
      // Flags are single bytes; pairs of a channel block are written as halves of sectors.
      List<Counters.Line> scattered =
          counters.lines().stream()
              .filter(l -> l.kind() == InstructionClass.GLOBAL_STORE && l.bytes() > l.lanes())
              .filter(l -> variant.equals("tokens") || !l.text().contains(".v4"))
              .filter(l -> l.sectors() != l.idealSectors())
              .toList();
      assertEquals(scattered, List.of());
    }
  }
}
