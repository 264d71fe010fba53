// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens GGUF checkpoints: one file, or the first of several parts. */
final class GgufReader {
  private GgufReader() {}

  /** Opens a file and, if it is the first part of a split model, the others. */
  static Checkpoint open(Path source, Path file) {
    Arena arena = Arena.ofShared();
    try {
      List<StoredTensor> tensors = new ArrayList<>();
      Map<String, Object> metadata = map(file, arena, tensors);
      GgufSplit split = GgufSplit.of(file, metadata);
      if (split.number() != 0) {
        throw new FormatException(
            "%s: is a later part of a split model; open its first part, %s"
                .formatted(file, split.part(file, 0).getFileName()));
      }
      for (long number = 1; number < split.count(); number++) {
        Path part = split.part(file, number);
        GgufSplit own = GgufSplit.of(part, mapPart(part, arena, tensors));
        if (own.number() != number || own.count() != split.count()) {
          throw new FormatException(
              "%s: says it is part %d of %d (from 0), but its name says %d of %d"
                  .formatted(part, own.number(), own.count(), number, split.count()));
        }
      }
      checkNames(file, tensors);
      return new MappedCheckpoint(source, arena, tensors, metadata);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static Map<String, Object> mapPart(Path part, Arena arena, List<StoredTensor> tensors) {
    if (FileKind.of(part) != FileKind.GGUF) {
      throw new FormatException(
          "%s: is no GGUF file, though the part of a split GGUF model".formatted(part));
    }
    return map(part, arena, tensors);
  }

  private static Map<String, Object> map(Path file, Arena arena, List<StoredTensor> tensors) {
    MemorySegment bytes = MappedFile.map(file, arena);
    GgufHeader header = GgufHeader.read(file.toString(), bytes);
    checkPlaces(file, header, bytes.byteSize());
    for (GgufHeader.Info info : header.infos()) {
      // A tensor of no elements may lie where the file ends, padding and all.
      MemorySegment data =
          info.bytes() == 0
              ? bytes.asSlice(0, 0)
              : bytes.asSlice(header.dataStart() + info.offset(), info.bytes());
      tensors.add(new StoredTensor(info.name(), info.storage(), info.shape(), data));
    }
    return header.metadata();
  }

  /**
   * Tensors may lie in any order and with holes between them, but aligned, inside the file, and not
   * over one another. The padding after the last one may be missing and more may follow it.
   */
  private static void checkPlaces(Path file, GgufHeader header, long fileBytes) {
    long dataBytes = fileBytes - header.dataStart();
    long covered = 0;
    List<GgufHeader.Info> ordered = new ArrayList<>(header.infos());
    ordered.sort(Comparator.comparingLong(GgufHeader.Info::offset));
    for (GgufHeader.Info info : ordered) {
      String problem = null;
      if (info.offset() < 0 || (info.bytes() > 0 && info.bytes() > dataBytes - info.offset())) {
        problem =
            "and its %,d bytes reach beyond the %,d bytes of data; the download is incomplete or the file damaged"
                .formatted(info.bytes(), Math.max(0, dataBytes));
      } else if (info.offset() % header.alignment() != 0) {
        problem = "is not a multiple of the alignment " + header.alignment();
      } else if (info.bytes() > 0 && info.offset() < covered) {
        problem = "is inside another tensor, which ends at %,d".formatted(covered);
      }
      if (problem != null) {
        throw new FormatException(
            "%s: the offset %s of tensor %s %s"
                .formatted(
                    file, Long.toUnsignedString(info.offset()), Quoted.name(info.name()), problem));
      }
      covered = Math.max(covered, info.offset() + info.bytes());
    }
  }

  private static void checkNames(Path file, List<StoredTensor> tensors) {
    Set<String> names = new HashSet<>();
    for (StoredTensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new FormatException(
            "%s: tensor %s lies in two parts of the split model"
                .formatted(file, Quoted.name(tensor.name())));
      }
    }
  }
}
