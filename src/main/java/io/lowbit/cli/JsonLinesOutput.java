// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.Strictness;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Where JSON lines go: a file, which appears or is replaced as a whole by {@link #commit()}, or
 * standard output. Closed without a commit, it leaves an existing file as it was.
 */
public final class JsonLinesOutput implements AutoCloseable {
  private static final String STANDARD_OUTPUT = "-";

  // Strict, so that NaN and infinities are refused: they are not JSON.
  private static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .disableHtmlEscaping()
          .serializeNulls()
          .create();

  /** A file that is written and the one it will become. */
  private record Replacement(Path partial, Path target) {}

  private final String name;
  private final OutputStream stream;
  private final Optional<Replacement> replacement;

  private JsonLinesOutput(String name, OutputStream stream, Optional<Replacement> replacement) {
    this.name = name;
    this.stream = new BufferedOutputStream(stream, 1 << 16);
    this.replacement = replacement;
  }

  /**
   * Opens an output.
   *
   * @param out a file, or {@code -} for standard output
   * @throws IOException if it cannot be written, with a sentence
   */
  public static JsonLinesOutput open(String out) throws IOException {
    requireWritable(out);
    if (out.equals(STANDARD_OUTPUT)) {
      return new JsonLinesOutput(
          "standard output", new FileOutputStream(FileDescriptor.out), Optional.empty());
    }
    try {
      return openFile(out);
    } catch (IOException e) {
      throw unwritable(out, e);
    }
  }

  private static JsonLinesOutput openFile(String out) throws IOException {
    Path target = Path.of(out).toAbsolutePath();
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      // A device or a pipe is written to, it cannot be replaced.
      return new JsonLinesOutput(
          out, Files.newOutputStream(target, StandardOpenOption.WRITE), Optional.empty());
    }
    Path partial =
        target.resolveSibling(
            "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".partial");
    return new JsonLinesOutput(
        out, Files.newOutputStream(partial), Optional.of(new Replacement(partial, target)));
  }

  /**
   * Refuses, before any work is done, an output that could not be written.
   *
   * @param out a file, or {@code -} for standard output
   * @throws IOException with a sentence
   */
  static void requireWritable(String out) throws IOException {
    if (out.equals(STANDARD_OUTPUT)) {
      return;
    }
    Path target = Path.of(out).toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || Files.isDirectory(target)) {
      throw new IOException(out + ": cannot be written: it is a folder; name a file");
    }
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          "%s: cannot be written: %s is no folder; name a file in a folder that exists"
              .formatted(out, folder));
    }
    Path written = Files.exists(target) && !Files.isRegularFile(target) ? target : folder;
    if (!Files.isWritable(written)) {
      throw new IOException(
          "%s: cannot be written: there is no permission to write %s".formatted(out, written));
    }
  }

  private static IOException unwritable(String name, IOException e) {
    String reason =
        e instanceof FileSystemException system && system.getReason() != null
            ? system.getReason()
            : e instanceof FileSystemException
                ? "the system refuses new files there"
                : e.getMessage();
    return new IOException(
        "%s: cannot be written: %s; choose another place or make room".formatted(name, reason), e);
  }

  /**
   * Writes one line.
   *
   * @throws IllegalArgumentException if the value holds a number that JSON cannot hold
   */
  public void write(JsonElement value) throws IOException {
    try {
      stream.write(GSON.toJson(value).getBytes(StandardCharsets.UTF_8));
      stream.write('\n');
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  /** Makes what was written the content of the file. */
  public void commit() throws IOException {
    try {
      stream.flush();
      if (replacement.isPresent()) {
        stream.close();
        Files.move(
            replacement.get().partial(),
            replacement.get().target(),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw unwritable(name, e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      stream.close();
    } finally {
      if (replacement.isPresent()) {
        Files.deleteIfExists(replacement.get().partial());
      }
    }
  }
}
