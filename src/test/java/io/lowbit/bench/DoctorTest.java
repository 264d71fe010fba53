// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import io.lowbit.backend.cuda.CudaProbe;
import io.lowbit.backend.cuda.CudaProbe.Kind;
import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.bench.Finding.Level;
import io.lowbit.ptx.InterpretedDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** What the doctor says about machines with and without a GPU. */
public final class DoctorTest {
  private static GpuDriver noGpu() {
    throw new AssertionError("the driver must not be touched");
  }

  private static GpuDriver heldGpu() {
    throw new GpuException(46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "opening the device");
  }

  private static CudaProbe probe(Kind kind) {
    return new CudaProbe(kind, "what the probe says", Optional.empty());
  }

  private static Finding of(List<Finding> findings, String subject) {
    return findings.stream().filter(f -> f.subject().equals(subject)).findFirst().orElseThrow();
  }

  @DataProvider
  Object[][] kinds() {
    return new Object[][] {
      {Kind.NO_DRIVER, Level.OK},
      {Kind.OTHER_PLATFORM, Level.OK},
      {Kind.NO_DEVICE, Level.WARN},
      {Kind.GPU_TOO_OLD, Level.WARN},
      {Kind.DRIVER_TOO_OLD, Level.FAIL},
      {Kind.NOT_LOADABLE, Level.FAIL},
      {Kind.BROKEN, Level.FAIL},
    };
  }

  @Test(dataProvider = "kinds")
  public void withoutAGpuTheMachineIsInOrderUnlessItsDriverIsBroken(Kind kind, Level level) {
    List<Finding> findings = new Doctor(probe(kind), DoctorTest::noGpu, new Workplace()).findings();
    assertEquals(
        of(findings, "gpu"), new Finding(level, "gpu", "what the probe says. The CPU serves"));
    assertEquals(Doctor.inOrder(findings), level != Level.FAIL, Finding.text(findings));
  }

  @Test
  public void everyShippedModuleIsLoadedOnAGpu() {
    List<Finding> findings =
        new Doctor(probe(Kind.USABLE), InterpretedDriver::new, new Workplace()).findings();
    assertTrue(Doctor.inOrder(findings), Finding.text(findings));
    assertEquals(of(findings, "gpu").text(), "what the probe says");
    assertTrue(of(findings, "multiprocessors").text().contains("KiB of shared memory"));
    assertTrue(of(findings, "gpu memory").text().matches("[\\d,]+ of [\\d,]+ MiB free.*"));
    assertFalse(of(findings, "kernels").text().contains("not loaded"), Finding.text(findings));
  }

  @Test
  public void aGpuThatCannotBeOpenedIsBroken() {
    List<Finding> findings =
        new Doctor(probe(Kind.USABLE), DoctorTest::heldGpu, new Workplace()).findings();
    assertFalse(Doctor.inOrder(findings));
    assertTrue(Finding.text(findings).contains("CUDA_ERROR_DEVICE_UNAVAILABLE (46); another"));
  }

  @Test
  public void aFolderThatCannotHoldReportsIsNamed() throws IOException {
    Path file = Files.createTempFile("a-file", "");
    try {
      Finding finding = of(new Workplace(file.resolve("reports")).findings(), "reports");
      assertEquals(finding.level(), Level.WARN);
      assertTrue(finding.text().contains(file + "/reports cannot be written"), finding.text());
      Finding usual = of(new Workplace(file.resolveSibling("reports")).findings(), "reports");
      assertTrue(usual.text().matches(".*/reports, [\\d,]+ MiB free.*"), usual.text());
    } finally {
      Files.delete(file);
    }
  }

  @Test
  public void linesAndJsonSayTheSame() {
    List<Finding> findings =
        List.of(new Finding(Level.OK, "java", "25"), new Finding(Level.FAIL, "gpu", "a\n\"b\""));
    assertEquals(
        Finding.text(findings), "ok    java             25\nfail  gpu              a \"b\"\n");
    JsonArray json = JsonParser.parseString(Finding.json(findings)).getAsJsonArray();
    assertEquals(json.get(1).getAsJsonObject().get("level").getAsString(), "fail");
    assertEquals(json.get(1).getAsJsonObject().get("subject").getAsString(), "gpu");
    assertEquals(json.get(1).getAsJsonObject().get("text").getAsString(), "a\n\"b\"");
  }
}
