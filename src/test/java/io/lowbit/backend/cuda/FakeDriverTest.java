// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The way from Java through JCuda to the driver's functions, on a driver that keeps a log. */
public final class FakeDriverTest {
  private Path folder;

  @BeforeClass
  public void makeDriver() throws Exception {
    folder = Files.createTempDirectory("fake-cuda");
    Files.createDirectory(folder.resolve("home"));
    Files.createDirectory(folder.resolve("tmp"));
    FakeCuda.compileInto(folder);
  }

  @AfterClass(alwaysRun = true)
  public void removeDriver() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** What a child process prints of its probe. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] args) {
      System.out.print(CudaProbe.result().kind() + ": " + CudaProbe.result().sentence());
    }
  }

  @Test
  public void everyCallArrivesWithItsArguments() throws Exception {
    FakeCuda.Ending ending =
        FakeCuda.java(
            folder,
            Map.of(),
            "org.testng.TestNG",
            "-testclass",
            FakeDriverChecks.class.getName(),
            "-verbose",
            "2",
            "-usedefaultlisteners",
            "false",
            "-d",
            folder.resolve("testng").toString());
    assertEquals(ending.exitCode(), 0, ending.output());
    assertTrue(ending.output().contains("Failures: 0, Skips: 0"), ending.output());
    assertTrue(ending.output().matches("(?s).*Total tests run: [3-9]\\d, .*"), ending.output());
  }

  @DataProvider
  Object[][] machines() {
    return new Object[][] {
      {"", "", "USABLE: Fake GPU of compute capability 9.0, driver for CUDA 12.8"},
      {"FAKE_CUDA_CAPABILITY", "80", "USABLE: Fake GPU of compute capability 8.0, driver"},
      {
        "FAKE_CUDA_CAPABILITY",
        "75",
        "GPU_TOO_OLD: the GPU is too old: Fake GPU of compute capability 7.5"
      },
      {"FAKE_CUDA_VERSION", "11080", "USABLE: "},
      {"FAKE_CUDA_VERSION", "11070", "DRIVER_TOO_OLD: the NVIDIA driver is for CUDA 11.7: install"},
      {"FAKE_CUDA_DEVICES", "0", "NO_DEVICE: there is an NVIDIA driver, but no GPU; "},
      {"FAKE_CUDA_INIT", "100", "NO_DEVICE: there is an NVIDIA driver, but starting the CUDA"},
      {"FAKE_CUDA_INIT", "803", "BROKEN: there is an NVIDIA driver, but starting the CUDA driver"},
      {"LD_LIBRARY_PATH", "/nowhere", "NO_DRIVER: there is no NVIDIA driver: libcuda.so.1"},
    };
  }

  @Test(dataProvider = "machines")
  public void theProbeSaysWhatTheMachineIs(String variable, String value, String start)
      throws Exception {
    Map<String, String> environment = variable.isEmpty() ? Map.of() : Map.of(variable, value);
    FakeCuda.Ending ending = FakeCuda.java(folder, environment, Probe.class.getName());
    assertTrue(ending.output().startsWith(start), ending.output());
    assertEquals(ending.exitCode(), 0);
  }

  @Test
  public void theLibraryIsUnpackedIntoTheCacheAndADamagedOneIsReplaced() throws Exception {
    Path cache = folder.resolve("cache2");
    Map<String, String> environment = Map.of("LOWBIT_CACHE", cache.toString());
    Path library =
        cache.resolve("native/jcuda-12.6.0").resolve("libJCudaDriver-12.6.0-linux-x86_64.so");
    Files.createDirectories(library.getParent());
    Files.writeString(library, "half a file");
    FakeCuda.Ending ending = FakeCuda.java(folder, environment, Probe.class.getName());
    assertTrue(ending.output().startsWith("USABLE"), ending.output());
    assertTrue(Files.size(library) > 1 << 20, "replaced");
    assertEquals(names(library.getParent()), List.of(library.getFileName().toString()));
    assertEquals(names(folder.resolve("tmp")), List.of());
  }

  @Test
  public void whereNoCacheCanBeWrittenAPrivateFolderServesAndIsRemoved() throws Exception {
    Path file = folder.resolve("a-file");
    Files.writeString(file, "not a folder");
    Map<String, String> environment =
        Map.of("LOWBIT_CACHE", file.toString(), "XDG_CACHE_HOME", file.toString());
    Path home = folder.resolve("home");
    Files.delete(home);
    Files.writeString(home, "not a folder");
    try {
      FakeCuda.Ending ending = FakeCuda.java(folder, environment, Probe.class.getName());
      assertTrue(ending.output().startsWith("USABLE"), ending.output());
      assertEquals(names(folder.resolve("tmp")), List.of());
    } finally {
      Files.delete(home);
      Files.createDirectory(home);
    }
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
