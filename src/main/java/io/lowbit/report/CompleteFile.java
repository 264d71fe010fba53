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

  /**
   * Writes a file.
   *
   * @param what it is, for messages
   */
  static void write(Path file, String what, Content content) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("%s: is a folder; name a file for %s".formatted(file, what));
    }
    Path part = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      content.writeTo(part);
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException(
          "%s: %s cannot be written (%s); name a file in a folder that exists and can be written"
              .formatted(file, what, e),
          e);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
