// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that takes its name only when it is complete. */
final class CompleteFile {
  private CompleteFile() {}

  /** Writes the content under another name. */
  interface Content {
    void writeTo(Path part) throws IOException;
  }

  /** Writes a file and makes its folder if need be. */
  static void write(Path file, Content content) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + ": is a folder; choose another place");
    }
    Path part = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      content.writeTo(part);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException(
          "%s: cannot be written (%s); choose a folder that can be".formatted(file, e), e);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
