// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.Pointer;

/**
 * Unpacks JCuda's compiled libraries. JCuda itself copies them to fixed names in the folder for
 * temporary files and uses whatever lies there already: half a file of a process that was killed,
 * or another user's. Here they are unpacked under Lowbit's cache folder ({@code $LOWBIT_CACHE},
 * else {@code $XDG_CACHE_HOME/lowbit}, else {@code ~/.cache/lowbit}; else a private temporary
 * folder), complete or not at all, and JCuda is pointed at them.
 */
final class JCudaNatives {
  private static final String TEMPORARY_FOLDER = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * Loads {@code jcuda.driver.JCudaDriver} and its library.
   *
   * @throws IOException if the library can be unpacked nowhere
   * @throws LinkageError if it or the class cannot be loaded
   */
  static void loadDriverInterface() throws IOException {
    load("JCudaDriver", () -> jcuda.driver.JCudaDriver.setExceptionsEnabled(false));
  }

  /**
   * Loads {@code jcuda.jcublas.JCublas2} and its library, which needs {@code libcublas.so.12}.
   *
   * @throws IOException if the library can be unpacked nowhere
   * @throws LinkageError if it or the class cannot be loaded
   */
  static void loadCublas() throws IOException {
    load("JCublas2", () -> jcuda.jcublas.JCublas2.setExceptionsEnabled(false));
  }

  private static void load(String name, Runnable firstTouch) throws IOException {
    Path folder =
        unpackedAndLoaded(
            LibUtils.createPlatformLibraryName("%s-%s".formatted(name, JCudaVersion.get())));
    // The class looks for its library in the folder for temporary files, and nowhere else that can
    // be set in a running process. It finds there the one that is loaded already.
    String usual = System.setProperty(TEMPORARY_FOLDER, folder.toString());
    try {
      firstTouch.run();
    } finally {
      System.setProperty(TEMPORARY_FOLDER, usual);
    }
  }

  @SuppressWarnings("restricted") // JCuda's own library, as its class would load it
  private static Path unpackedAndLoaded(String library) throws IOException {
    String file = LibUtils.createLibraryFileName(library);
    byte[] content = resource("/lib/" + file);
    List<String> failures = new ArrayList<>();
    for (Path cache : cacheFolders()) {
      Path folder = cache.resolve("native").resolve("jcuda-" + JCudaVersion.get());
      try {
        unpack(content, folder, file);
        System.load(folder.resolve(file).toString());
        return folder;
      } catch (IOException | UnsatisfiedLinkError e) {
        failures.add(e.getMessage());
      }
    }
    Path folder = Files.createTempDirectory("lowbit-native");
    Path target = folder.resolve(file);
    Files.write(target, content);
    try {
      System.load(target.toString());
    } catch (UnsatisfiedLinkError e) {
      failures.add(e.getMessage());
      throw new UnsatisfiedLinkError(String.join("; ", failures));
    } finally {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(target, folder)));
    }
    return folder;
  }

  private static List<Path> cacheFolders() {
    return Stream.of(
            Optional.ofNullable(System.getenv("LOWBIT_CACHE")).map(Path::of),
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(p -> Path.of(p, "lowbit")),
            Optional.ofNullable(System.getProperty("user.home"))
                .map(p -> Path.of(p, ".cache", "lowbit")))
        .flatMap(Optional::stream)
        .filter(Path::isAbsolute)
        .toList();
  }

  /** The file takes its name only when it is complete; what lies there and differs is replaced. */
  private static void unpack(byte[] content, Path folder, String file) throws IOException {
    Path target = folder.resolve(file);
    if (Files.isRegularFile(target) && Arrays.equals(Files.readAllBytes(target), content)) {
      return;
    }
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, file, ".part");
    try {
      Files.write(part, content);
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Pointer.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the program is incomplete: " + name + " is missing");
      }
      return in.readAllBytes();
    }
  }

  private static void remove(Path file, Path folder) {
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      System.err.println("could not remove the temporary folder " + folder + ": " + e);
    }
  }
}
