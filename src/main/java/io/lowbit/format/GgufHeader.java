// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.quant.GgufType;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything before the data of a GGUF file of version 2 or 3: magic, version, counts, key-values,
 * tensor infos.
 *
 * @param metadata key-values in file order
 * @param infos tensor infos in file order
 * @param dataStart byte of the file from which tensor offsets count
 * @param alignment what every offset is a multiple of
 */
record GgufHeader(Map<String, Object> metadata, List<Info> infos, long dataStart, long alignment) {
  private static final int LEAST_KEY_VALUE_BYTES = 8 + 4 + 1;
  private static final int LEAST_INFO_BYTES = 8 + 4 + 4 + 8;
  private static final int MOST_DIMENSIONS = 4;
  private static final long DEFAULT_ALIGNMENT = 32;

  /** The numbers of the types that are not packed. */
  private static final Map<Long, DType> DENSE =
      Map.of(
          0L,
          DType.F32,
          1L,
          DType.F16,
          24L,
          DType.I8,
          25L,
          DType.I16,
          26L,
          DType.I32,
          27L,
          DType.I64,
          28L,
          DType.F64,
          30L,
          DType.BF16);

  /**
   * Where a tensor lies.
   *
   * @param offset first byte, counted from {@code dataStart}; negative means 2^63 or more
   */
  record Info(String name, StoredTensor.Storage storage, Shape shape, long offset, long bytes) {}

  /**
   * Reads the header of a whole mapped file.
   *
   * @param file name for messages
   * @throws FormatException if it is not as the format demands
   */
  static GgufHeader read(String file, MemorySegment bytes) {
    GgufCursor cursor = new GgufCursor(file, bytes);
    cursor.take(4, "the magic");
    checkVersion(cursor);
    long tensors = cursor.count("tensors", LEAST_INFO_BYTES);
    long keys = cursor.count("metadata keys", LEAST_KEY_VALUE_BYTES);
    Map<String, Object> metadata = new LinkedHashMap<>();
    for (long i = 0; i < keys; i++) {
      String key = cursor.name("a metadata key");
      Object value = GgufValue.read(cursor, key);
      if (metadata.put(key, value) != null) {
        throw cursor.refuse("the metadata key %s comes twice".formatted(Quoted.name(key)));
      }
    }
    long alignment = alignment(cursor, metadata);
    List<Info> infos = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (long i = 0; i < tensors; i++) {
      Info info = readInfo(cursor);
      if (!names.add(info.name)) {
        throw cursor.refuse("the tensor %s comes twice".formatted(Quoted.name(info.name)));
      }
      infos.add(info);
    }
    long dataStart = (cursor.position() + alignment - 1) / alignment * alignment;
    return new GgufHeader(metadata, infos, dataStart, alignment);
  }

  private static void checkVersion(GgufCursor cursor) {
    long version = cursor.unsignedInt("the version");
    if (version == 2 || version == 3) {
      return;
    }
    if ((version & 0xFFFF) == 0 && version != 0) {
      throw cursor.refuse(
          "is a big-endian GGUF file; only little-endian ones are read, convert it with gguf_convert_endian.py");
    }
    throw cursor.refuse(
        "has GGUF version %d; versions 2 and 3 are read%s"
            .formatted(version, version == 1 ? ", convert the model again" : ""));
  }

  private static long alignment(GgufCursor cursor, Map<String, Object> metadata) {
    Object value = metadata.getOrDefault("general.alignment", DEFAULT_ALIGNMENT);
    if (value instanceof Long alignment && alignment > 0 && Long.bitCount(alignment) == 1) {
      return alignment;
    }
    throw cursor.refuse(
        "general.alignment is %s; it must be an integer and a power of two"
            .formatted(Quoted.text(String.valueOf(value))));
  }

  private static Info readInfo(GgufCursor cursor) {
    String name = cursor.name("a tensor name");
    String quoted = Quoted.name(name);
    long rank = cursor.unsignedInt("the number of dimensions of " + quoted);
    if (rank > MOST_DIMENSIONS) {
      throw cursor.refuse(
          "tensor %s has %,d dimensions; GGUF has %d at most"
              .formatted(quoted, rank, MOST_DIMENSIONS));
    }
    long[] dimensions = new long[(int) rank];
    for (int i = dimensions.length - 1; i >= 0; i--) {
      dimensions[i] = cursor.bits64("a dimension of " + quoted);
      if (dimensions[i] < 0) {
        throw cursor.refuse("tensor %s has a dimension of 2^63 or more".formatted(quoted));
      }
    }
    StoredTensor.Storage storage = storage(cursor, quoted);
    Shape shape = shape(cursor, quoted, dimensions);
    if (rank == 0 ? storage.blockSize() != 1 : shape.columns() % storage.blockSize() != 0) {
      throw cursor.refuse(
          "tensor %s has rows of %,d values, which is not a multiple of the %d of a %s block"
              .formatted(quoted, shape.columns(), storage.blockSize(), storage.type()));
    }
    long offset = cursor.bits64("the offset of " + quoted);
    try {
      return new Info(name, storage, shape, offset, storage.bytes(shape));
    } catch (ArithmeticException e) {
      throw new FormatException(
          cursor
              .refuse("tensor %s %s has more than 2^63 bytes".formatted(quoted, shape))
              .getMessage(),
          e);
    }
  }

  private static Shape shape(GgufCursor cursor, String quoted, long[] dimensions) {
    try {
      return Shape.of(dimensions);
    } catch (IllegalArgumentException e) {
      throw new FormatException(
          cursor.refuse("tensor %s: %s".formatted(quoted, e.getMessage())).getMessage(), e);
    }
  }

  private static StoredTensor.Storage storage(GgufCursor cursor, String quoted) {
    long id = cursor.unsignedInt("the type of " + quoted);
    if (DENSE.containsKey(id)) {
      return new StoredTensor.Dense(DENSE.get(id));
    }
    return GgufType.ofId(id)
        .map(StoredTensor.Packed::new)
        .orElseThrow(() ->
            cursor.refuse(
                "tensor %s has the type %s, which is not read; known are %s"
                    .formatted(quoted, unreadName(id), knownTypes())));
  }

  /** Names of types that exist but are not read, so that a refusal can say which it met. */
  private static String unreadName(long id) {
    String name =
        switch ((int) Math.min(id, 100)) {
          case 4, 5 -> "Q4_2 or Q4_3, removed from GGUF";
          case 9 -> "Q8_1";
          case 15 -> "Q8_K";
          case 16 -> "IQ2_XXS";
          case 17 -> "IQ2_XS";
          case 18 -> "IQ3_XXS";
          case 19 -> "IQ1_S";
          case 21 -> "IQ3_S";
          case 22 -> "IQ2_S";
          case 29 -> "IQ1_M";
          case 31, 32, 33 -> "Q4_0 repacked, removed from GGUF";
          default -> "unknown";
        };
    return "%d (%s)".formatted(id, name);
  }

  private static String knownTypes() {
    return Stream.concat(
            DENSE.values().stream().sorted().map(DType::name),
            Arrays.stream(GgufType.values()).map(GgufType::name))
        .collect(Collectors.joining(", "));
  }
}
