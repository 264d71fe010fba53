// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertNotNull;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.tensor.Tensor;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads the reference outputs and the manifests of hostile files. */
final class Golden {
  private Golden() {}

  static JsonElement json(String path) {
    return parse(read(Shared.path(path)));
  }

  private static JsonElement parse(String text) {
    return JsonParser.parseString(text);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonObject> manifest(String path) {
    List<JsonObject> entries = new ArrayList<>();
    read(Shared.path(path)).lines().forEach(line -> entries.add(parse(line).getAsJsonObject()));
    return entries;
  }

  static String sha256(MemorySegment data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(data.asByteBuffer());
      return HexFormat.of().formatHex(digest.digest());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** SHA-256 over the fp32 little-endian values. */
  static String floatSha256(Tensor tensor) {
    return sha256(MemorySegment.ofArray(GgufBytes.floats(tensor.toFloats())));
  }

  /** Opens a checkpoint and reads every value of it, packed ones by both ways. */
  static void readAll(Path file) {
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      for (Checkpoint.TensorInfo info : checkpoint.tensors()) {
        assertEquals(checkpoint.tensor(info.name()).shape(), info.shape());
        if (checkpoint.isQuantized(info.name())) {
          FloatStream.of(checkpoint.quantized(info.name())).forEach((_, _, _) -> {});
        } else {
          FloatStream.of(checkpoint.tensor(info.name())).forEach((_, _, _) -> {});
        }
      }
      checkpoint.metadata().forEach((_, value) -> assertNotNull(value.toString()));
      assertEquals(checkpoint.sha256().length(), 64);
    }
  }

  /**
   * Says what is wrong with how a file was received: accepted where it must be refused, refused
   * where it must be read, or refused in another way than by a sentence about it.
   */
  static List<String> judge(JsonObject entry, Path file) {
    String expect = entry.get("expect").getAsString();
    String label = file.getFileName() + " (" + entry.get("why").getAsString() + "): ";
    try {
      readAll(file);
      return expect.equals("refuse") ? List.of(label + "accepted") : List.of();
    } catch (FormatException e) {
      if (expect.equals("accept")) {
        return List.of(label + "refused: " + e.getMessage());
      }
      return e.getMessage().startsWith(file.getParent().toString())
          ? List.of()
          : List.of(label + "refused without naming the file: " + e.getMessage());
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return List.of(label + "threw " + e);
    }
  }
}
