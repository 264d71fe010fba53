// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The largest memory that this process had at once, mapped files it read included; Linux only. */
final class HostMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path RESET = Path.of("/proc/self/clear_refs");
  private static final String PEAK = "VmHWM:";
  // proc(5): sets the peak to what the process has now.
  private static final String RESET_PEAK = "5";

  private HostMemory() {}

  /** Begins anew, where the system allows it; else the peak is that since the start. */
  static void reset() {
    try {
      Files.writeString(RESET, RESET_PEAK);
    } catch (IOException _) {
      // The peak is then that of the whole process, which is no less true, only less telling.
    }
  }

  /** Bytes; empty where the system does not tell. */
  static OptionalLong peak() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(PEAK)) {
          String kibibytes = line.substring(PEAK.length()).replace("kB", "").strip();
          return OptionalLong.of(Long.parseLong(kibibytes) << 10);
        }
      }
      return OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
