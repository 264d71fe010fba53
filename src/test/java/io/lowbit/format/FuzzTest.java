// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.quant.GgufBlocks;
import io.lowbit.quant.GgufType;
import io.lowbit.testing.Shared;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.testng.annotations.Test;

/**
 * Mutations of sound files. Each must be read to the last value or refused with a {@link
 * FormatException}; any other exception, a hang or a lack of memory is a defect. Seeds are fixed,
 * so a failing case comes again.
 */
public class FuzzTest {
  private static final long[] TELLING = {
    0,
    1,
    2,
    7,
    31,
    127,
    128,
    255,
    256,
    65535,
    1L << 31,
    (1L << 31) - 1,
    1L << 32,
    1L << 40,
    1L << 60,
    1L << 61,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -8,
    -32
  };

  private static final byte[] SAFETENSORS =
      SafetensorsBytes.of(
          "{\"__metadata__\":{\"format\":\"pt\"},"
              + SafetensorsBytes.entry("a", "F32", "[2,2]", 0, 16)
              + ","
              + SafetensorsBytes.entry("b.weight", "BF16", "[3]", 16, 22)
              + ","
              + SafetensorsBytes.entry("c", "BOOL", "[]", 22, 23)
              + "}",
          new byte[23]);

  private static byte[] gguf() {
    GgufBytes file =
        new GgufBytes()
            .key("general.architecture", "llama")
            .key("general.alignment", 32)
            .key(
                "list", 9, new byte[] {5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0});
    long offset = 0;
    for (GgufType type : GgufType.values()) {
      file.tensor(type.name(), type.id(), offset, type.blockSize(), 2);
      offset += (2L * type.blockBytes() + 31) / 32 * 32;
    }
    return file.tensor("dense", 1, offset, 3, 1, 2).with(new byte[(int) offset + 12]);
  }

  @Test(timeOut = 120_000)
  public void mutationsOfSmallFilesAreReadOrRefused() throws IOException {
    fuzz(SAFETENSORS, 300, 1);
    fuzz(gguf(), 300, 2);
  }

  @Test(groups = "long", timeOut = 1_200_000)
  public void mutationsOfARealSafetensorsFileAreReadOrRefused() throws IOException {
    byte[] model = Files.readAllBytes(Shared.path("models/stories260K-hf/model.safetensors"));
    fuzz(model, 3000, 3);
  }

  @Test(groups = "long", timeOut = 1_200_000)
  public void mutationsOfARealGgufFileAreReadOrRefused() throws IOException {
    byte[] start = startOf(Shared.path("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
    fuzz(start, 2000, 4);
  }

  @Test(groups = "long", timeOut = 1_200_000)
  public void mutationsOfGoldenFilesAreReadOrRefused() throws IOException {
    List<Path> files = new ArrayList<>(files("golden/formats/safetensors", ".safetensors"));
    files.addAll(files("golden/formats/gguf/blocks", ".gguf"));
    files.addAll(files("golden/formats/gguf/metadata", ".gguf"));
    int fuzzed = 0;
    for (Path file : files) {
      if (isRead(file)) {
        fuzz(Files.readAllBytes(file), 100, 5 + fuzzed);
        fuzzed++;
      }
    }
    assertTrue(fuzzed >= 60, "only " + fuzzed + " of these files are read at all");
  }

  private static boolean isRead(Path file) {
    try {
      Checkpoints.open(file).close();
      return true;
    } catch (FormatException e) {
      return false;
    }
  }

  private static List<Path> files(String folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(Shared.path(folder))) {
      List<Path> found = files.filter(f -> f.toString().endsWith(suffix)).sorted().toList();
      assertTrue(found.size() > 20, folder + " holds " + found.size() + " files");
      return found;
    }
  }

  /** All metadata of a real file with its first small tensors; their data moved up. */
  private static byte[] startOf(Path file) throws IOException {
    byte[] head = new byte[8 << 20];
    try (var in = Files.newInputStream(file)) {
      assertEquals(in.readNBytes(head, 0, head.length), head.length);
    }
    ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      byte[] keys =
          Arrays.copyOfRange(head, 24, find(head, checkpoint.tensors().getFirst().name()) - 8);
      GgufBytes small = new GgufBytes().keys((int) header.getLong(16), keys);
      ByteArrayOutputStream data = new ByteArrayOutputStream();
      for (Checkpoint.TensorInfo info : checkpoint.tensors()) {
        if (info.name().startsWith("blk.0.attn")) {
          append(small, data, checkpoint, info);
        }
      }
      return small.with(data.toByteArray());
    }
  }

  private static void append(
      GgufBytes file, ByteArrayOutputStream data, Checkpoint from, Checkpoint.TensorInfo info) {
    data.writeBytes(new byte[(32 - data.size() % 32) % 32]);
    if (from.isQuantized(info.name())) {
      GgufBlocks blocks = (GgufBlocks) from.quantized(info.name());
      file.tensor(info.name(), blocks.type().id(), data.size(), blocks.columns(), blocks.rows());
      data.writeBytes(blocks.data().toArray(ValueLayout.JAVA_BYTE));
    } else {
      file.tensor(info.name(), 0, data.size(), info.shape().columns());
      data.writeBytes(GgufBytes.floats(from.tensor(info.name()).toFloats()));
    }
  }

  private static int find(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    while (!Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
      at++;
    }
    return at;
  }

  private static void fuzz(byte[] sound, int cases, long seed) throws IOException {
    Path file = Files.createTempFile("fuzz", ".bin");
    try {
      Files.write(file, sound);
      Golden.readAll(file);
      List<String> wrong = new ArrayList<>();
      for (int i = 0; i < cases; i++) {
        byte[] mutated = mutate(sound, new Random(seed * 1_000_003 + i));
        Files.write(file, mutated);
        String problem = problem(file);
        if (problem != null) {
          wrong.add("seed %d case %d: %s".formatted(seed, i, problem));
        }
      }
      assertEquals(wrong, List.of());
    } finally {
      Files.delete(file);
    }
  }

  private static String problem(Path file) {
    try {
      Golden.readAll(file);
      return null;
    } catch (FormatException e) {
      return e.getMessage().contains(file.toString()) ? null : "names no file: " + e.getMessage();
    } catch (RuntimeException | Error e) {
      return e.toString();
    }
  }

  /** One to three changes, most of them near the start, where the structure is. */
  private static byte[] mutate(byte[] sound, Random random) {
    byte[] bytes = sound.clone();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && bytes.length > 16; i++) {
      int reach = random.nextInt(4) > 0 ? Math.min(bytes.length, 2048) : bytes.length;
      int at = random.nextInt(reach);
      bytes = change(bytes, at, random);
    }
    return bytes;
  }

  private static byte[] change(byte[] bytes, int at, Random random) {
    int length = Math.min(1 + random.nextInt(16), bytes.length - at);
    long telling = TELLING[random.nextInt(TELLING.length)];
    switch (random.nextInt(9)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt();
      case 2 -> {
        byte other = bytes[random.nextInt(bytes.length)];
        bytes[at] = other;
      }
      case 3 -> put(bytes, at, telling, 8);
      case 4 -> put(bytes, at, telling, 4);
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 6 -> {
        return splice(bytes, at, at + length, new byte[0]);
      }
      case 7 -> {
        return splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      }
      default -> {
        String digits = Long.toUnsignedString(telling);
        return splice(bytes, at, at, digits.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return bytes;
  }

  private static void put(byte[] bytes, int at, long value, int count) {
    for (int i = 0; i < count && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> (8 * i));
    }
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] with) {
    byte[] result = new byte[bytes.length - (to - from) + with.length];
    System.arraycopy(bytes, 0, result, 0, from);
    System.arraycopy(with, 0, result, from, with.length);
    System.arraycopy(bytes, to, result, from + with.length, bytes.length - to);
    return result;
  }
}
