// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file of records that can be killed at any moment. Records are appended in batches and forced to
 * disk; a batch that was cut off by a crash is an incomplete last line, which the next opening
 * removes and reports. While open, the file is locked against a second writer.
 */
public final class RecordFile implements AutoCloseable {
  private static final int FIRST_BUFFER = 1 << 16;

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;
  private final Map<String, ItemRecord> byKey = new HashMap<>();
  private final Optional<String> repair;

  private RecordFile(Path path, FileChannel channel, FileLock lock, Parsed parsed)
      throws IOException {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
    this.repair = parsed.repair(path);
    for (ItemRecord item : parsed.items) {
      byKey.put(item.key(), item);
    }
    if (repair.isPresent()) {
      channel.truncate(parsed.soundBytes);
      channel.force(true);
    }
    channel.position(parsed.soundBytes);
  }

  /**
   * Opens a file for reading and appending, and makes it and its folder if they do not exist.
   *
   * @throws UncheckedIOException if it cannot be written, with a sentence
   * @throws IllegalStateException if another process has it open, or if it is damaged elsewhere
   *     than at its end
   */
  public static RecordFile open(Path path) {
    FileChannel channel = null;
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = lock(path, channel);
      return new RecordFile(path, channel, lock, parse(path, new TextPool()));
    } catch (IOException e) {
      closeQuietly(channel, e);
      throw new UncheckedIOException(
          new IOException(
              "%s: cannot be opened for writing records (%s)".formatted(path, reason(e)), e));
    } catch (RuntimeException e) {
      closeQuietly(channel, e);
      throw e;
    }
  }

  /**
   * All sound records of a place: a record file; the output folder of a study, of which the files
   * of its last run count; or any other folder with {@code .jsonl} files in it or below.
   *
   * @throws IllegalStateException if a line is not a record, with file and line
   */
  public static List<ItemRecord> read(Path place) {
    List<ItemRecord> items = new ArrayList<>();
    try {
      TextPool texts = new TextPool();
      for (Path file : files(place)) {
        items.addAll(parse(file, texts).items);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("%s: cannot be read (%s)".formatted(place, reason(e)), e));
    }
    return items;
  }

  private static List<Path> files(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    List<RunLog.Run> runs = RunLog.read(place);
    if (!runs.isEmpty()) {
      return runs.getLast().files().stream().map(place::resolve).toList();
    }
    try (Stream<Path> files = Files.walk(place)) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
    }
  }

  /** Keys of the sound records of a file; none if it does not exist. Writes nothing. */
  public static Set<String> keys(Path path) {
    return Files.exists(path)
        ? read(path).stream().map(ItemRecord::key).collect(Collectors.toSet())
        : Set.of();
  }

  /**
   * What was removed from the end of the file when it was opened, as a sentence; empty if it was
   * sound.
   */
  public Optional<String> repair() {
    return repair;
  }

  /** The record with a key, if the file holds it. */
  public Optional<ItemRecord> find(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /**
   * Appends records and waits until they are on the disk. A record whose key is already there is
   * left out.
   *
   * @throws UncheckedIOException if that fails, with a sentence; the file then ends where it ended
   *     before
   */
  public void append(List<ItemRecord> items) {
    StringBuilder lines = new StringBuilder();
    List<ItemRecord> added = new ArrayList<>();
    for (ItemRecord item : items) {
      if (!byKey.containsKey(item.key())) {
        lines.append(RecordJson.write(item)).append('\n');
        added.add(item);
      }
    }
    try {
      write(ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(
              "%s: %d records could not be written (%s); what was written before is kept, so free some space and run the same command again"
                  .formatted(path, added.size(), reason(e)),
              e));
    }
    added.forEach(item -> byKey.put(item.key(), item));
  }

  private void write(ByteBuffer bytes) throws IOException {
    long before = channel.position();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(false);
    } catch (IOException e) {
      try {
        channel.truncate(before);
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(path + ": could not be closed", e));
    }
  }

  private static FileLock lock(Path path, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IllegalStateException(
          path + ": another run is writing here; wait for it or choose another output folder");
    }
    return lock;
  }

  private static void closeQuietly(FileChannel channel, Exception reason) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        reason.addSuppressed(e);
      }
    }
  }

  static String reason(IOException e) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage();
    return switch (e) {
      case java.nio.file.AccessDeniedException denied -> "permission denied";
      case java.nio.file.NoSuchFileException missing -> "there is no such file";
      case java.nio.file.FileAlreadyExistsException exists -> exists.getFile() + " is not a folder";
      case java.nio.file.FileSystemException system when system.getReason() != null ->
          system.getReason();
      default -> e.getClass().getSimpleName() + message;
    };
  }

  private record Parsed(List<ItemRecord> items, long soundBytes, long totalBytes) {
    Optional<String> repair(Path path) {
      return soundBytes == totalBytes
          ? Optional.empty()
          : Optional.of(
              "%s: the last %,d bytes were cut off by an earlier end of the program and are removed; their items run again"
                  .formatted(path, totalBytes - soundBytes));
    }
  }

  /** Reads line by line: a file may be larger than the memory that its bytes would take. */
  private static Parsed parse(Path path, TextPool texts) throws IOException {
    List<ItemRecord> items = new ArrayList<>();
    RecordParser parser = new RecordParser(texts);
    byte[] buffer = new byte[FIRST_BUFFER];
    int filled = 0;
    long soundBytes = 0;
    try (InputStream in = Files.newInputStream(path)) {
      for (int more = in.read(buffer);
          more >= 0;
          more = in.read(buffer, filled, buffer.length - filled)) {
        int begin = 0;
        for (int end = filled; end < filled + more; end++) {
          if (buffer[end] == '\n') {
            items.add(record(parser, buffer, begin, end, path, items.size() + 1));
            begin = end + 1;
          }
        }
        soundBytes += begin;
        filled += more - begin;
        System.arraycopy(buffer, begin, buffer, 0, filled);
        if (filled == buffer.length) {
          buffer = Arrays.copyOf(buffer, 2 * filled);
        }
      }
    }
    return new Parsed(items, soundBytes, soundBytes + filled);
  }

  private static ItemRecord record(
      RecordParser parser, byte[] buffer, int begin, int end, Path path, int line) {
    try {
      return parser.read(buffer, begin, end);
    } catch (JsonParseException e) {
      throw new IllegalStateException(
          "%s:%d: not a record: %s; restore the file or move it away to run its items again"
              .formatted(path, line, e.getMessage()),
          e);
    }
  }
}
