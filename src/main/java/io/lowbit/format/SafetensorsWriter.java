// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import com.google.gson.stream.JsonWriter;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Writes safetensors files. Names, types and shapes must be known first; the data are asked for
 * tensor by tensor, so only one need be in memory at a time.
 */
public final class SafetensorsWriter {
  private static final long CHUNK_BYTES = 1L << 20;

  private SafetensorsWriter() {}

  /**
   * A tensor to write.
   *
   * @param name name in the file
   * @param type element type
   * @param shape dimensions
   * @param body writes the data: exactly the bytes of type and shape, little-endian
   */
  public record Entry(String name, DType type, Shape shape, Body body) {
    /** A tensor that is there. */
    public static Entry of(String name, Tensor tensor) {
      return of(name, tensor.type(), tensor.shape(), () -> tensor);
    }

    /** A tensor that is made when its turn comes and may be forgotten thereafter. */
    public static Entry of(String name, DType type, Shape shape, Supplier<Tensor> tensor) {
      return new Entry(name, type, shape, out -> write(out, tensor.get().data()));
    }

    /**
     * A tensor of a checkpoint as plain numbers: floats of all kinds and packed formats as fp32,
     * integers and booleans as they are. The checkpoint must stay open until it is written.
     */
    public static Entry plain(Checkpoint checkpoint, Checkpoint.TensorInfo info) {
      if (checkpoint.isQuantized(info.name())) {
        return floats(info, FloatStream.of(checkpoint.quantized(info.name())));
      }
      Tensor tensor = checkpoint.tensor(info.name());
      return tensor.type().isFloat() && tensor.type() != DType.F32
          ? floats(info, FloatStream.of(tensor))
          : of(info.name(), tensor);
    }

    private static Entry floats(Checkpoint.TensorInfo info, FloatStream values) {
      return new Entry(
          info.name(),
          DType.F32,
          info.shape(),
          out -> {
            ByteBuffer bytes =
                ByteBuffer.allocateDirect(FloatStream.PIECE * 4).order(ByteOrder.LITTLE_ENDIAN);
            values.forEach((_, piece, count) -> {
              bytes.clear().asFloatBuffer().put(piece, 0, count);
              writeFully(out, bytes.limit(count * 4));
            });
          });
    }

    long bytes() {
      return Math.multiplyExact(shape.elements(), (long) type.bytes());
    }
  }

  /** Writes the data of one tensor. */
  public interface Body {
    /** Writes all bytes. */
    void writeTo(WritableByteChannel out) throws IOException;
  }

  /**
   * Writes a file. It takes its name only once it is complete: whatever goes wrong before, nothing
   * half-written stays and a file of that name is left as it was. A device or pipe is written
   * straight.
   *
   * @throws IllegalStateException if it cannot be written, with the reason (such as a full disk)
   * @throws IllegalArgumentException if two tensors have one name
   */
  public static void write(Path target, Map<String, String> metadata, List<Entry> entries) {
    Path folder = target.toAbsolutePath().getParent();
    if (Files.isDirectory(target) || folder == null || !Files.isDirectory(folder)) {
      throw new IllegalStateException(
          "%s: cannot be written: %s; name a file in a folder that exists"
              .formatted(
                  target, Files.isDirectory(target) ? "it is a folder" : folder + " is no folder"));
    }
    try {
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        try (FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
          write(out, metadata, entries);
        }
      } else {
        writeThenMove(target, folder, metadata, entries);
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s: cannot be written: %s; choose another place or make room (%,d bytes are needed)"
              .formatted(target, reason(e), entries.stream().mapToLong(Entry::bytes).sum()),
          e);
    }
  }

  /** The message of a file-system exception is a bare file name; its class says what happened. */
  private static String reason(IOException e) {
    return e instanceof AccessDeniedException denied
        ? "there is no permission to write " + denied.getFile()
        : e.getMessage();
  }

  private static void writeThenMove(
      Path target, Path folder, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    Path temporary =
        folder.resolve(".%s.%d.tmp".formatted(target.getFileName(), ProcessHandle.current().pid()));
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        write(out, metadata, entries);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Writes to a stream, such as standard output; it is flushed and stays open. */
  public static void write(OutputStream out, Map<String, String> metadata, List<Entry> entries) {
    try {
      // Not closed: the stream belongs to the caller.
      write(Channels.newChannel(out), metadata, entries);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("the output cannot be written: " + e.getMessage(), e);
    }
  }

  private static void write(
      WritableByteChannel out, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    writeFully(out, header(metadata, entries));
    for (Entry entry : entries) {
      Counting counted = new Counting(out);
      entry.body.writeTo(counted);
      if (counted.written != entry.bytes()) {
        throw new IllegalStateException(
            "tensor '%s' of %s %s takes %,d bytes but %,d were written"
                .formatted(entry.name, entry.type, entry.shape, entry.bytes(), counted.written));
      }
    }
  }

  private static ByteBuffer header(Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    StringWriter text = new StringWriter();
    Set<String> names = new HashSet<>(Set.of("__metadata__"));
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      if (!metadata.isEmpty()) {
        json.name("__metadata__").beginObject();
        for (Map.Entry<String, String> item : metadata.entrySet()) {
          json.name(item.getKey()).value(item.getValue());
        }
        json.endObject();
      }
      long begin = 0;
      for (Entry entry : entries) {
        if (!names.add(entry.name)) {
          throw new IllegalArgumentException(
              "two tensors are named '%s', or it is reserved".formatted(entry.name));
        }
        json.name(entry.name).beginObject();
        json.name("dtype").value(entry.type.name());
        json.name("shape").beginArray();
        for (long dimension : entry.shape.dimensions()) {
          json.value(dimension);
        }
        json.endArray();
        json.name("data_offsets").beginArray();
        json.value(begin).value(begin + entry.bytes()).endArray().endObject();
        begin += entry.bytes();
      }
      json.endObject();
    }
    byte[] utf8 = text.toString().getBytes(StandardCharsets.UTF_8);
    // Padded with spaces so that the data begin at a multiple of 8, as the format's own writer
    // does.
    int length = (utf8.length + 7) / 8 * 8;
    if (length > SafetensorsHeader.LONGEST) {
      throw new IllegalArgumentException(
          "%,d tensors make a header of %,d bytes, more than the format's %,d"
              .formatted(entries.size(), length, SafetensorsHeader.LONGEST));
    }
    ByteBuffer header = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(length).put(utf8);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void write(WritableByteChannel out, MemorySegment data) throws IOException {
    for (long at = 0; at < data.byteSize(); at += CHUNK_BYTES) {
      long bytes = Math.min(CHUNK_BYTES, data.byteSize() - at);
      writeFully(out, data.asSlice(at, bytes).asByteBuffer());
    }
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** Counts what passes, to catch a body that writes too little or too much. */
  private static final class Counting implements WritableByteChannel {
    private final WritableByteChannel out;
    private long written;

    Counting(WritableByteChannel out) {
      this.out = out;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int count = out.write(bytes);
      written += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return out.isOpen();
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("the file is closed by its writer");
    }
  }
}
