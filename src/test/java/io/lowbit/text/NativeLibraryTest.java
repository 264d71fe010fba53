// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Where the compiled library is unpacked, seen from processes of their own. */
public class NativeLibraryTest {
  private Path folder;

  @BeforeMethod
  public void makeFolder() throws IOException {
    folder = Files.createTempDirectory("native");
    Files.createDirectory(folder.resolve("home"));
    Files.createDirectory(folder.resolve("tmp"));
    Files.createFile(folder.resolve("file"));
  }

  @AfterMethod(alwaysRun = true)
  public void removeFolder() throws IOException {
    for (Path path : below(folder)) {
      Files.delete(path);
    }
    Files.delete(folder);
  }

  /** What the child process runs. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      try (Tokenizer tokenizer = TinyTokenizers.byteLevel(false)) {
        System.out.print(tokenizer.encode("abc", false)[0]);
      }
    }
  }

  @Test
  public void keepsToTheCacheFolder() throws Exception {
    Path cache = folder.resolve("cache");
    assertEquals(run(Map.of("LOWBIT_CACHE", cache.toString())), "257");
    assertTrue(below(cache).stream().anyMatch(Files::isRegularFile), "unpacked into the cache");
    assertEquals(below(folder.resolve("home")), List.of());
    assertEquals(below(folder.resolve("tmp")), List.of());
  }

  @Test
  public void leavesNothingBehindWhereNoCacheFolderCanBeWritten() throws Exception {
    String blocked = folder.resolve("file").resolve("cache").toString();
    Files.delete(folder.resolve("home"));
    Files.createFile(folder.resolve("home"));
    assertEquals(run(Map.of("LOWBIT_CACHE", blocked, "XDG_CACHE_HOME", blocked)), "257");
    assertEquals(below(folder.resolve("tmp")), List.of());
  }

  private String run(Map<String, String> environment) throws Exception {
    List<String> command =
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:-UsePerfData",
            "-Djava.io.tmpdir=" + folder.resolve("tmp"),
            "-Duser.home=" + folder.resolve("home"),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("ENGINE_CACHE_DIR", "XDG_CACHE_HOME"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(process.waitFor(), 0, output);
    return output;
  }

  private static List<Path> below(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> paths = new ArrayList<>(tree.sorted(Comparator.reverseOrder()).toList());
      paths.remove(folder);
      return paths;
    }
  }
}
