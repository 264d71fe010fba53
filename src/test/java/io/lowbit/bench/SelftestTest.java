// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.backend.cuda.DeviceMemory;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.LaunchShape;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.ptx.InterpretedDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.testng.annotations.Test;

/** The runner behind {@code lowbit selftest}, on an interpreted device. */
public final class SelftestTest {
  // Stores its second argument at its first, 4 bytes.
  private static final String STORE =
      """
      .version 7.8
      .target sm_80
      .address_size 64
      .visible .entry store(.param .u64 to, .param .u32 value)
      {
      .reg .b32 %r<2>;
      .reg .b64 %rd<3>;
      ld.param.u64 %rd1, [to];
      ld.param.u32 %r1, [value];
      cvta.to.global.u64 %rd2, %rd1;
      st.global.u32 [%rd2], %r1;
      ret;
      }
      """;

  /** Stores 41 at an offset of a 4-byte array and compares it with what it should be. */
  private static ConformanceCase store(String kernel, String description, int offset, int right) {
    return new ConformanceCase(
        kernel,
        description,
        offset == 0,
        kernels -> {
          GpuFunction function = kernels.driver().load(kernel, STORE).function("store");
          try (DeviceMemory memory = kernels.driver().allocate(4)) {
            KernelArguments arguments = kernels.arguments();
            arguments.pointer(memory.pointer().plus(offset)).int32(41);
            kernels.launch(function, LaunchShape.of(1, 1), arguments, "[1]");
            kernels.driver().synchronize();
            int[] stored = new int[1];
            kernels.driver().copyToHost(MemorySegment.ofArray(stored), memory.pointer());
            return new Outcome(Math.abs(stored[0] - right), 2, "difference at [0]");
          }
        });
  }

  private static ConformanceCase given(String description, Outcome outcome) {
    return new ConformanceCase("given", description, true, _ -> outcome);
  }

  private static SelftestReport run(ConformanceCase... cases) {
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver)) {
      return Selftest.run(kernels, List.of(cases), _ -> {});
    }
  }

  private static String line(SelftestReport report, String start) {
    return report.text().lines().filter(l -> l.startsWith(start)).findFirst().orElseThrow();
  }

  @Test
  public void passedCasesAreCountedWithTheirLargestErrorByFamily() {
    SelftestReport report =
        run(
            store("store", "exact", 0, 41),
            store("store", "near", 0, 42),
            given("zero tolerance", new Outcome(0, 0, "bits")));
    assertTrue(report.passed(), report.text());
    assertTrue(report.text().startsWith("PTX interpreter"), report.text());
    assertTrue(line(report, "store").matches("store +2 +2 +0\\.500 +\\d+\\.\\d+"), report.text());
    assertTrue(line(report, "given").matches("given +1 +1 +0\\.000 +\\d+\\.\\d+"), report.text());
    assertTrue(report.text().endsWith("\nAll 3 cases passed.\n"), report.text());
  }

  @Test
  public void aWrongResultIsAFailureInFull() {
    SelftestReport report = run(store("store", "f16 [3]", 0, 50), store("store", "near", 0, 40));
    assertFalse(report.passed());
    assertTrue(line(report, "store").matches("store +2 +1 +4\\.500 .*"), report.text());
    assertTrue(
        report
            .text()
            .contains(
                "FAILED store: f16 [3]\n  error 9.000, at most 2.000 passes: difference at [0]\n"),
        report.text());
    assertTrue(report.text().endsWith("\n1 of 2 cases failed.\n"), report.text());
  }

  @Test
  public void noNumberAndNoCaseDoNotPass() {
    assertFalse(run(given("not a number", new Outcome(Double.NaN, 1, "x"))).passed());
    assertFalse(run(given("bits", new Outcome(1, 0, "x"))).passed());
    assertFalse(run().passed());
    assertTrue(run().text().endsWith("There was no case to run.\n"));
  }

  @Test
  public void aKernelThatBreaksTheDeviceEndsTheRun() {
    SelftestReport report =
        run(
            store("store", "inside", 0, 41),
            store("store", "outside", 4096, 41),
            store("rest", "inside", 0, 41));
    assertFalse(report.passed());
    assertTrue(report.text().contains("FAILED store: outside\n  kernel store: "), report.text());
    assertTrue(report.text().contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)"), report.text());
    assertTrue(
        report
            .text()
            .contains("FAILED rest: inside\n  not run: the device failed in 'store: outside'"),
        report.text());
    assertTrue(report.text().endsWith("\n2 of 3 cases failed.\n"));
  }

  @Test
  public void aCaseThatThrowsFailsAloneIfTheDeviceLives() {
    SelftestReport report =
        run(
            new ConformanceCase(
                "given",
                "refused",
                true,
                _ -> {
                  throw new GpuException(
                      GpuException.OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "m");
                }),
            new ConformanceCase(
                "given",
                "bug",
                true,
                _ -> {
                  throw new IllegalStateException("oops");
                }),
            store("store", "inside", 0, 41));
    assertEquals(report.failures().size(), 2);
    assertTrue(report.text().contains("m: CUDA_ERROR_OUT_OF_MEMORY (2); "), report.text());
    assertTrue(
        report.text().contains("IllegalStateException: oops at io.lowbit.bench.SelftestTest"),
        report.text());
  }

  @Test
  public void jsonHoldsEveryCaseAndNoNumberThatJsonLacks() {
    SelftestReport report =
        run(store("store", "near", 0, 42), given("nan", new Outcome(Double.NaN, 1, "x")));
    JsonObject json = JsonParser.parseString(report.json()).getAsJsonObject();
    assertFalse(json.get("passed").getAsBoolean());
    JsonObject near = json.getAsJsonArray("cases").get(0).getAsJsonObject();
    assertEquals(near.get("kernel").getAsString(), "store");
    assertEquals(near.get("error").getAsDouble(), 1.0);
    assertEquals(near.get("tolerance").getAsDouble(), 2.0);
    assertTrue(near.get("passed").getAsBoolean());
    JsonObject nan = json.getAsJsonArray("cases").get(1).getAsJsonObject();
    assertEquals(nan.getAsJsonPrimitive("error").isString(), true);
    assertTrue(nan.get("problem").getAsString().startsWith("error NaN"));
    assertEquals(json.getAsJsonArray("families").size(), 2);
  }

  @Test
  public void familiesAreChosenByNameAndAnnounced() {
    List<ConformanceCase> all =
        List.of(store("b", "1", 0, 41), store("b", "2", 4, 41), given("1", new Outcome(0, 0, "x")));
    assertEquals(Selftest.select(all, List.of()), all);
    assertEquals(Selftest.select(all, List.of("b")), all.subList(0, 2));
    IllegalArgumentException refusal =
        expectThrows(IllegalArgumentException.class, () -> Selftest.select(all, List.of("b", "c")));
    assertEquals(refusal.getMessage(), "there is no kernel 'c' to test; choose from b, given");
    List<String> announced = new ArrayList<>();
    try (InterpretedDriver driver = new InterpretedDriver();
        Kernels kernels = new Kernels(driver)) {
      Selftest.run(kernels, List.of(all.get(0), all.get(2)), announced::add);
    }
    assertEquals(announced, List.of("b", "given"));
  }
}
