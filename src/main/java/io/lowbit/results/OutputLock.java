// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The right to write to an output folder. Held for a whole run, so that two runs never score the
 * same items side by side; the operating system gives it back when the process ends, however it
 * ends.
 */
public final class OutputLock implements AutoCloseable {
  private static final String FILE = ".lock";

  private final FileChannel channel;

  private OutputLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the right, and makes the folder if it does not exist.
   *
   * @throws UncheckedIOException if the folder cannot be written, with a sentence
   * @throws IllegalStateException if another run has it
   */
  public static OutputLock take(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return new OutputLock(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "%s: the output folder cannot be written (%s); choose another one"
                  .formatted(folder, RecordFile.reason(e)),
              e));
    }
    throw new IllegalStateException(
        folder + ": another run is writing here; wait for it or choose another output folder");
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this process
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException("the output folder could not be released", e));
    }
  }
}
