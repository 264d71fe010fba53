// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.bench.Finding.Level;
import io.lowbit.model.EmbeddedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The Java process and the disks: what the doctor says about everything but the GPU. */
final class Workplace {
  private static final int JAVA = 25;
  private static final long LEAST_HEAP_MIB = 1024;
  private static final long LEAST_DISK_MIB = 1024;

  private final Path reports;

  Workplace() {
    this(Path.of("reports"));
  }

  /**
   * A process that writes its results into a folder.
   *
   * @param reports may be absent
   */
  Workplace(Path reports) {
    this.reports = reports.toAbsolutePath();
  }

  List<Finding> findings() {
    return List.of(java(), vectors(), nativeAccess(), memory(), encoding(), cache(), results());
  }

  private static Finding java() {
    int version = Runtime.version().feature();
    return new Finding(
        version < JAVA ? Level.FAIL : Level.OK,
        "java",
        "%s of %s%s"
            .formatted(
                Runtime.version(),
                System.getProperty("java.vendor"),
                version < JAVA ? "; version 25 or newer is needed" : ""));
  }

  private static Finding vectors() {
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return new Finding(
        present ? Level.OK : Level.FAIL,
        "vector module",
        present
            ? "there"
            : "missing, and the CPU back-end needs it: start with --add-modules"
                + " jdk.incubator.vector, as the launcher 'lowbit' does");
  }

  private static Finding nativeAccess() {
    boolean enabled = Workplace.class.getModule().isNativeAccessEnabled();
    return new Finding(
        enabled ? Level.OK : Level.WARN,
        "native access",
        enabled
            ? "allowed"
            : "not allowed: start with --enable-native-access=ALL-UNNAMED, as the launcher does");
  }

  private static Finding memory() {
    long heap = Runtime.getRuntime().maxMemory() >> 20;
    boolean small = heap < LEAST_HEAP_MIB;
    return new Finding(
        small ? Level.WARN : Level.OK,
        "heap and cores",
        "%,d MiB, %d cores%s"
            .formatted(
                heap,
                Runtime.getRuntime().availableProcessors(),
                small ? "; raise the heap with LOWBIT_JAVA_OPTS=-Xmx…" : ""));
  }

  private static Finding encoding() {
    String names = System.getProperty("sun.jnu.encoding", "unknown");
    boolean unicode = names.toUpperCase(Locale.ROOT).equals("UTF-8");
    return new Finding(
        unicode ? Level.OK : Level.WARN,
        "encoding",
        "file names in %s, output in %s%s"
            .formatted(
                names,
                System.out.charset(),
                unicode ? "" : "; set LC_ALL=C.UTF-8 for names beyond ASCII"));
  }

  /** Uses the cache as every command does: the embedded models are unpacked there. */
  private static Finding cache() {
    String model = EmbeddedModels.NAMES.getFirst();
    try {
      return disk("cache", EmbeddedModels.resolve(model).toAbsolutePath());
    } catch (UncheckedIOException e) {
      return new Finding(Level.FAIL, "cache", e.getCause().getMessage());
    }
  }

  private Finding results() {
    Path there = reports;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      return new Finding(
          Level.WARN,
          "reports",
          reports + " cannot be written: start from another folder, or name one with --out");
    }
    return disk("reports", reports);
  }

  private static Finding disk(String subject, Path folder) {
    try {
      Path there = folder;
      while (!Files.exists(there)) {
        there = there.getParent();
      }
      long free = Files.getFileStore(there).getUsableSpace() >> 20;
      boolean full = free < LEAST_DISK_MIB;
      return new Finding(
          full ? Level.WARN : Level.OK,
          subject,
          "%s, %,d MiB free%s".formatted(folder, free, full ? "; make room on that disk" : ""));
    } catch (IOException e) {
      return new Finding(Level.WARN, subject, folder + ": free space is unknown: " + e);
    }
  }
}
