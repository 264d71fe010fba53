// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens safetensors checkpoints: one file, or shards under an index. */
final class SafetensorsReader {
  private static final long LONGEST_INDEX = SafetensorsHeader.LONGEST;

  private SafetensorsReader() {}

  /** Opens a single file. */
  static Checkpoint open(Path source, Path file) {
    Arena arena = Arena.ofShared();
    try {
      List<StoredTensor> tensors = new ArrayList<>();
      Map<String, Object> metadata = new LinkedHashMap<>();
      map(file, arena, tensors, metadata);
      return new MappedCheckpoint(source, arena, tensors, metadata);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static void map(
      Path file, Arena arena, List<StoredTensor> tensors, Map<String, Object> metadata) {
    MemorySegment bytes = MappedFile.map(file, arena);
    SafetensorsHeader header = SafetensorsHeader.read(file.toString(), bytes);
    for (SafetensorsHeader.Entry entry : header.entries()) {
      MemorySegment data =
          bytes.asSlice(header.dataStart() + entry.begin(), entry.end() - entry.begin());
      tensors.add(
          new StoredTensor(
              entry.name(), new StoredTensor.Dense(entry.type()), entry.shape(), data));
    }
    header.metadata().forEach(metadata::putIfAbsent);
  }

  /** Opens the shards that an index names. Only what the index lists exists, and only where. */
  static Checkpoint openSharded(Path source, Path index) {
    Map<String, String> shardOf = readIndex(index);
    Arena arena = Arena.ofShared();
    try {
      Set<String> missing = new LinkedHashSet<>(shardOf.keySet());
      List<StoredTensor> listed = new ArrayList<>();
      Map<String, Object> metadata = new LinkedHashMap<>();
      for (String shard : new LinkedHashSet<>(shardOf.values())) {
        List<StoredTensor> tensors = new ArrayList<>();
        map(shardPath(index, shard), arena, tensors, metadata);
        for (StoredTensor tensor : tensors) {
          if (shard.equals(shardOf.get(tensor.name()))) {
            missing.remove(tensor.name());
            listed.add(tensor);
          }
        }
      }
      if (!missing.isEmpty()) {
        String name = missing.iterator().next();
        throw new FormatException(
            "%s: says that tensor %s lies in %s, but it does not; the index belongs to other files"
                .formatted(index, Quoted.name(name), shardOf.get(name)));
      }
      return new MappedCheckpoint(source, arena, listed, metadata);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static Map<String, String> readIndex(Path index) {
    Map<String, String> shardOf = new LinkedHashMap<>();
    Set<String> sections = new LinkedHashSet<>();
    StrictJson.parse(
        index.toString(),
        content(index),
        json ->
            json.object(section -> {
              sections.add(section);
              if (section.equals("weight_map")) {
                json.object(tensor -> shardOf.put(tensor, json.string()));
              } else {
                json.skip();
              }
            }));
    if (!sections.contains("weight_map") || shardOf.isEmpty()) {
      throw new FormatException(
          "%s: names no tensors; an index must have a weight_map of tensor names to shard files"
              .formatted(index));
    }
    return shardOf;
  }

  private static byte[] content(Path index) {
    try {
      if (Files.size(index) > LONGEST_INDEX) {
        throw new FormatException(
            "%s: has %,d bytes; an index of more than %,d is not read"
                .formatted(index, Files.size(index), LONGEST_INDEX));
      }
      return Files.readAllBytes(index);
    } catch (IOException e) {
      throw new FormatException("%s: cannot be read: %s".formatted(index, e.getMessage()), e);
    }
  }

  /** A shard is a plain file beside its index: a name that leads anywhere else is refused. */
  private static Path shardPath(Path index, String shard) {
    boolean plain =
        shard.endsWith(".safetensors")
            && shard.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw new FormatException(
          "%s: names %s as a shard; a shard is a .safetensors file in the same folder, without any path"
              .formatted(index, Quoted.name(shard)));
    }
    Path file = index.resolveSibling(shard);
    if (!Files.exists(file)) {
      throw new FormatException(
          "%s: the shard %s is not there; download it again".formatted(index, shard));
    }
    if (FileKind.of(file) != FileKind.SAFETENSORS) {
      throw new FormatException("%s: the shard %s is no safetensors file".formatted(index, shard));
    }
    return file;
  }
}
