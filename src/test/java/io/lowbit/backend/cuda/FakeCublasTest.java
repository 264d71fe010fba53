// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.bench.Doctor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The two ways from Java to cuBLAS, on a library and a driver that keep a log. */
public final class FakeCublasTest {
  private Path folder;

  @BeforeMethod
  public void makeDriver() throws Exception {
    folder = Files.createTempDirectory("fake-cublas");
    Files.createDirectory(folder.resolve("home"));
    Files.createDirectory(folder.resolve("tmp"));
    FakeCuda.compileInto(folder);
  }

  @AfterMethod(alwaysRun = true)
  public void remove() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private void compile(int version, String option) throws Exception {
    FakeCuda.compile(
        "fake_cublas.c",
        folder,
        "libcublas.so." + version,
        "-DMAJOR=" + version,
        option,
        folder.resolve("libcuda.so.1").toString());
  }

  /** As NVIDIA's, whose symbols carry the version that JCublas asks for. */
  private void compileWhole(int version) throws Exception {
    Path script = folder.resolve("versions");
    Files.writeString(script, "libcublas.so.%d { global: *; };\n".formatted(version));
    compile(version, "-Wl,--version-script=" + script);
  }

  @DataProvider
  Object[][] versions() {
    return new Object[][] {{12}, {13}};
  }

  @Test(dataProvider = "versions")
  public void everyCallArrivesWithItsArguments(int version) throws Exception {
    compileWhole(version);
    FakeCuda.Ending ending =
        FakeCuda.java(
            folder,
            Map.of(FakeCublasChecks.VERSION, Integer.toString(version)),
            "org.testng.TestNG",
            "-testclass",
            FakeCublasChecks.class.getName(),
            "-verbose",
            "2",
            "-usedefaultlisteners",
            "false",
            "-d",
            folder.resolve("testng").toString());
    assertEquals(ending.exitCode(), 0, ending.output());
    assertTrue(ending.output().contains("Failures: 0, Skips: 0"), ending.output());
    assertTrue(ending.output().matches("(?s).*Total tests run: 1\\d, .*"), ending.output());
  }

  /** What a child process prints of what it would multiply with. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      try (JCudaDriver driver = JCudaDriver.open();
          Kernels kernels = new Kernels(driver);
          Gemm16 own = new Gemm16(kernels);
          FastProducts products = FastProducts.open(kernels, own)) {
        System.out.print(products.name() + ": " + products.description());
      } catch (IllegalStateException e) {
        System.out.print(e.getMessage());
      }
    }
  }

  /** What a child process prints of what its doctor says of products. */
  static final class Examination {
    private Examination() {}

    public static void main(String[] args) {
      Doctor.examine().stream()
          .filter(finding -> finding.subject().equals("matrix products"))
          .forEach(finding -> System.out.print(finding.level() + " " + finding.text()));
    }
  }

  private String examine() throws Exception {
    return FakeCuda.java(folder, Map.of(), Examination.class.getName()).output();
  }

  @Test
  public void theDoctorSaysWhatFastWouldTake() throws Exception {
    assertEquals(examine(), "OK Lowbit's own kernels; with --fast too, as there is no cuBLAS");
    compileWhole(12);
    assertEquals(examine(), "OK Lowbit's own kernels; with --fast cuBLAS 12.6.4 through JCublas");
    compile(12, "-DINCOMPLETE");
    assertTrue(
        examine()
            .startsWith("WARN Lowbit's own kernels; no --fast: libcublas.so.12 has no function"));
  }

  private String probe() throws Exception {
    return probe(Map.of());
  }

  private String probe(Map<String, String> environment) throws Exception {
    FakeCuda.Ending ending = FakeCuda.java(folder, environment, Probe.class.getName());
    assertEquals(ending.exitCode(), 0, ending.output());
    return ending.output();
  }

  @Test
  public void withoutCublasTheOwnKernelServes() throws Exception {
    assertEquals(probe(), "gemm16: Lowbit's own products, as there is no cuBLAS");
  }

  @Test
  public void theOneOfJcublasIsPreferred() throws Exception {
    compileWhole(13);
    assertEquals(probe(), "cublas-13.6.4: products by cuBLAS 13.6.4 through java.lang.foreign");
    compileWhole(12);
    assertEquals(probe(), "cublas-12.6.4: products by cuBLAS 12.6.4 through JCublas");
  }

  @Test(dataProvider = "versions")
  public void aLibraryThatIsNotWholeIsNamed(int version) throws Exception {
    compile(version, "-DINCOMPLETE");
    assertEquals(
        probe(),
        "libcublas.so."
            + version
            + " has no function cublasGemmEx: it is not a whole cuBLAS; install it again,"
            + " or leave --fast out");
  }

  @Test
  public void aJcublasThatCannotBeLoadedSaysWhatToDo() throws Exception {
    compileWhole(12);
    // Its file's place is taken in the cache, and no other folder can be written.
    Path natives = folder.resolve("cache/native/jcuda-12.6.0");
    Files.createDirectories(natives.resolve("libJCublas2-12.6.0-linux-x86_64.so/taken"));
    Files.delete(folder.resolve("home"));
    Files.writeString(folder.resolve("home"), "not a folder");
    Files.delete(folder.resolve("tmp"));
    String sentence = probe(Map.of("XDG_CACHE_HOME", folder.resolve("home").toString()));
    assertTrue(
        sentence.contains("cuBLAS 12 is there, but JCublas's library cannot be loaded: "),
        sentence);
    assertTrue(sentence.endsWith("allows execution, or leave --fast out"), sentence);
  }
}
