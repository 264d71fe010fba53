// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Maps whole files of any size read-only. */
final class MappedFile {
  private MappedFile() {}

  /** The file's bytes, until the arena is closed. */
  static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new FormatException("%s: cannot be mapped: %s".formatted(file, e.getMessage()), e);
    }
  }
}
