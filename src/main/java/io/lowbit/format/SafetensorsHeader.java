// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: eight bytes of length, then JSON that gives each tensor's type,
 * shape and byte range. The ranges must cover the data without holes, overlaps or rest.
 *
 * @param entries in header order
 * @param metadata {@code __metadata__}, all strings
 * @param dataStart byte of the file at which the ranges begin
 */
record SafetensorsHeader(List<Entry> entries, Map<String, Object> metadata, long dataStart) {
  /** The longest header the format allows. */
  static final long LONGEST = 100_000_000;

  private static final int LENGTH_BYTES = 8;
  private static final int MOST_DIMENSIONS = 64;

  /**
   * A tensor's entry.
   *
   * @param begin first byte, counted from {@code dataStart}
   * @param end byte after the last
   */
  record Entry(String name, DType type, Shape shape, long begin, long end) {}

  /**
   * Reads and checks the header of a whole mapped file.
   *
   * @param file name for messages
   * @throws FormatException if anything about it is not as the format demands
   */
  static SafetensorsHeader read(String file, MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size < LENGTH_BYTES) {
      throw new FormatException(
          "%s: has %d bytes, fewer than the 8 of a safetensors header length; the download is incomplete"
              .formatted(file, size));
    }
    long length = bytes.get(JAVA_LONG_UNALIGNED, 0);
    if (length < 0 || length > LONGEST) {
      throw new FormatException(
          "%s: says its header has %s bytes, more than the %,d that safetensors allows; it is no safetensors file or is damaged"
              .formatted(file, Long.toUnsignedString(length), LONGEST));
    }
    if (length > size - LENGTH_BYTES) {
      throw new FormatException(
          "%s: says its header has %,d bytes but only %,d follow; the download is incomplete or it is no safetensors file"
              .formatted(file, length, size - LENGTH_BYTES));
    }
    byte[] json = bytes.asSlice(LENGTH_BYTES, length).toArray(JAVA_BYTE);
    List<Entry> entries = new ArrayList<>();
    Map<String, Object> metadata = new LinkedHashMap<>();
    StrictJson.parse(
        file + ": header",
        json,
        document ->
            document.object(name -> {
              if (name.equals("__metadata__")) {
                readMetadata(document, metadata);
              } else {
                entries.add(readEntry(file, name, document));
              }
            }));
    long dataStart = LENGTH_BYTES + length;
    checkCover(file, entries, size - dataStart);
    return new SafetensorsHeader(entries, metadata, dataStart);
  }

  private static void readMetadata(StrictJson json, Map<String, Object> metadata)
      throws IOException {
    if (!json.skipNull()) {
      json.object(key -> metadata.put(key, json.string()));
    }
  }

  /** The fields of an entry as they come. */
  private static final class Fields {
    private DType type;
    private Shape shape;
    private long[] offsets;
  }

  private static Entry readEntry(String file, String name, StrictJson json) throws IOException {
    Fields fields = new Fields();
    json.object(field -> {
      switch (field) {
        case "dtype" -> fields.type = type(json.string());
        case "shape" -> fields.shape = shape(json.unsignedArray(MOST_DIMENSIONS));
        case "data_offsets" -> fields.offsets = json.unsignedArray(2);
        default ->
            throw new IOException(
                "a tensor has dtype, shape and data_offsets, not " + Quoted.name(field));
      }
    });
    if (fields.type == null || fields.shape == null || fields.offsets == null) {
      throw new IOException("a tensor must have dtype, shape and data_offsets");
    }
    if (fields.offsets.length != 2) {
      throw new IOException("data_offsets must be two integers");
    }
    Entry entry = new Entry(name, fields.type, fields.shape, fields.offsets[0], fields.offsets[1]);
    checkSize(file, entry);
    return entry;
  }

  private static DType type(String name) throws IOException {
    for (DType type : DType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new IOException(
        "the dtype %s is not known; known are %s"
            .formatted(Quoted.name(name), Arrays.toString(DType.values())));
  }

  private static Shape shape(long[] dimensions) throws IOException {
    try {
      return Shape.of(dimensions);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void checkSize(String file, Entry entry) {
    long elements = entry.shape.elements();
    int width = entry.type.bytes();
    long given = entry.end - entry.begin;
    if (elements > Long.MAX_VALUE / width || elements * width != given) {
      throw new FormatException(
          "%s: tensor %s: bytes %,d to %,d do not hold the %,d elements of %s %s"
              .formatted(
                  file,
                  Quoted.name(entry.name),
                  entry.begin,
                  entry.end,
                  elements,
                  entry.type,
                  entry.shape));
    }
  }

  private static void checkCover(String file, List<Entry> entries, long dataBytes) {
    List<Entry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : ordered) {
      if (entry.end > dataBytes) {
        throw new FormatException(
            "%s: tensor %s ends at data byte %,d but the file has %,d; the download is incomplete"
                .formatted(file, Quoted.name(entry.name), entry.end, dataBytes));
      }
      if (entry.begin != covered) {
        throw new FormatException(
            "%s: tensor %s begins at data byte %,d, %s; the file was written wrongly or is damaged"
                .formatted(
                    file,
                    Quoted.name(entry.name),
                    entry.begin,
                    entry.begin < covered
                        ? "inside the tensor before it, which ends at %,d".formatted(covered)
                        : "but the data before it ends at %,d".formatted(covered)));
      }
      covered = entry.end;
    }
    if (covered != dataBytes) {
      throw new FormatException(
          "%s: %,d bytes follow the last tensor, which safetensors forbids; the file is damaged or was written wrongly"
              .formatted(file, dataBytes - covered));
    }
  }
}
