// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static io.lowbit.format.SafetensorsBytes.entry;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertFalse;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.quant.GgufType;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Opening, refusing and looking into checkpoints that the tests write themselves. */
public class CheckpointsTest {
  private static final byte[] TWO_FLOATS = GgufBytes.floats(1, 2);
  private static final byte[] SAFETENSORS =
      SafetensorsBytes.of("{" + entry("a", "F32", "[2]", 0, 8) + "}", TWO_FLOATS);

  private Path folder;

  @BeforeMethod
  public void newFolder() throws IOException {
    folder = Files.createTempDirectory("checkpoints");
    folder.toFile().deleteOnExit();
  }

  private Path file(String name, byte[] bytes) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    file.toFile().deleteOnExit();
    return file;
  }

  private Path file(String name, String text) throws IOException {
    return file(name, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** An F32 tensor of 3 values, then a Q8_0 tensor of shape [2, 32]: rows j * 0.5 and -j * 0.5. */
  private static byte[] gguf() {
    ByteBuffer data = ByteBuffer.allocate(32 + 68).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1.5f).putFloat(-2).putFloat(0).position(32);
    for (int sign : new int[] {1, -1}) {
      data.putShort((short) 0x3800);
      for (int j = 0; j < 32; j++) {
        data.put((byte) (sign * j));
      }
    }
    return new GgufBytes()
        .key("general.architecture", "llama")
        .key("llama.block_count", 2)
        .key("big", 10, HexFormat.of().parseHex("ffffffffffffffff"))
        .key(
            "list",
            9,
            HexFormat.of().parseHex("05000000" + "0200000000000000" + "ffffffff07000000"))
        .tensor("norm", 0, 0, 3)
        .tensor("weight", GgufType.Q8_0.id(), 32, 32, 2)
        .with(data.array());
  }

  @Test
  public void ggufTensorsAndMetadataAreRead() throws IOException {
    try (Checkpoint checkpoint = Checkpoints.open(file("m.gguf", gguf()))) {
      assertEquals(
          checkpoint.tensors(),
          List.of(
              new Checkpoint.TensorInfo("norm", "F32", Shape.of(3), 12),
              new Checkpoint.TensorInfo("weight", "Q8_0", Shape.of(2, 32), 68)));
      assertEquals(
          checkpoint.metadata(),
          Map.of(
              "general.architecture",
              "llama",
              "llama.block_count",
              2L,
              "big",
              new BigInteger("18446744073709551615"),
              "list",
              List.of(-1L, 7L)));
      assertEquals(checkpoint.tensor("norm").toFloats(), new float[] {1.5f, -2, 0});
      assertFalse(checkpoint.isQuantized("norm"));
      assertTrue(checkpoint.isQuantized("weight"));
      QuantizedTensor weight = checkpoint.quantized("weight");
      assertEquals(weight.bitsPerWeight(), 8.5);
      float[] row = new float[32];
      weight.dequantize(1, 0, 32, row, 0);
      assertEquals(row[31], -15.5f);
      assertEquals(checkpoint.tensor("weight").get(31), 15.5f);
      assertThrows(FormatException.class, () -> checkpoint.quantized("norm"));
      assertThrows(FormatException.class, () -> checkpoint.tensor("absent"));
    }
  }

  @Test
  public void tensorsAreSlicesOfTheMappingAndDieWithIt() throws IOException {
    Path file = file("model.safetensors", SAFETENSORS);
    Checkpoint checkpoint = Checkpoints.open(file);
    Tensor tensor = checkpoint.tensor("a");
    assertTrue(tensor.data().isMapped());
    assertTrue(tensor.data().isReadOnly());
    checkpoint.close();
    checkpoint.close();
    assertThrows(IllegalStateException.class, () -> tensor.get(0));
    IllegalStateException late =
        expectThrows(IllegalStateException.class, () -> checkpoint.tensor("a"));
    assertTrue(late.getMessage().contains("had been closed"), late.getMessage());
  }

  @Test
  public void aFolderOpensWhatLiesInIt() throws IOException {
    file("model.safetensors", SAFETENSORS);
    file("other.gguf", gguf());
    try (Checkpoint checkpoint = Checkpoints.open(folder)) {
      assertTrue(checkpoint.contains("a"));
      assertEquals(checkpoint.source(), folder);
    }
    Files.delete(folder.resolve("model.safetensors"));
    try (Checkpoint checkpoint = Checkpoints.open(folder)) {
      assertTrue(checkpoint.contains("norm"));
    }
  }

  @Test
  public void shardsFollowTheirIndex() throws IOException {
    file("x-1.safetensors", SAFETENSORS);
    file(
        "x-2.safetensors",
        SafetensorsBytes.of("{" + entry("b", "I32", "[1,2]", 0, 8) + "}", TWO_FLOATS));
    Path index =
        file(
            "model.safetensors.index.json",
            "{\"metadata\":{\"total_size\":16.0},\"weight_map\":"
                + "{\"b\":\"x-2.safetensors\",\"a\":\"x-1.safetensors\"}}");
    try (Checkpoint checkpoint = Checkpoints.open(folder)) {
      assertEquals(checkpoint.tensor("a").get(1), 2f);
      assertEquals(checkpoint.tensor("b").type(), DType.I32);
    }
    Files.delete(folder.resolve("x-2.safetensors"));
    FormatException missing = expectThrows(FormatException.class, () -> Checkpoints.open(index));
    assertTrue(missing.getMessage().contains("the shard x-2.safetensors is not there"));
  }

  @Test
  public void splitGgufFilesAreReadTogether() throws IOException {
    for (int number = 0; number < 2; number++) {
      byte[] split = {(byte) number, 0};
      file(
          "m-0000%d-of-00002.gguf".formatted(number + 1),
          new GgufBytes()
              .key("split.no", 2, split)
              .key("split.count", 2, new byte[] {2, 0})
              .tensor("t" + number, 0, 0, 2)
              .with(TWO_FLOATS));
    }
    try (Checkpoint checkpoint = Checkpoints.open(folder)) {
      assertTrue(checkpoint.contains("t0") && checkpoint.contains("t1"));
    }
    Path second = folder.resolve("m-00002-of-00002.gguf");
    FormatException later = expectThrows(FormatException.class, () -> Checkpoints.open(second));
    assertTrue(later.getMessage().contains("open its first part, m-00001-of-00002.gguf"));
    Files.delete(second);
    FormatException gone = expectThrows(FormatException.class, () -> Checkpoints.open(folder));
    assertTrue(gone.getMessage().contains("m-00002-of-00002.gguf is not there"));
  }

  /** File name, content, part of the message. */
  @DataProvider
  public Object[][] refusals() {
    String entry = entry("a", "F32", "[2]", 0, 8);
    return new Object[][] {
      {"model.safetensors", "", "the file is empty"},
      {"model.safetensors", "version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {"model.safetensors", "<!DOCTYPE html><html>", "a web page"},
      {"model.gguf", "\u001f\u008b\u0008\u0000", "compressed with gzip"},
      {"model.safetensors", "PK\u0003\u0004....", "zip archive"},
      {"model.safetensors", "\u0080\u0002}q\u0000.", "Python pickle"},
      {"pytorch_model.bin", "PK\u0003\u0004....", "holds only PyTorch files (pytorch_model.bin)"},
      {"readme.txt", "hello", "holds no checkpoint"},
      {"m.gguf", "GGUF\u0001\u0000\u0000\u0000", "GGUF version 1; versions 2 and 3 are read"},
      {"m.gguf", "GGUF\u0000\u0000\u0000\u0003", "big-endian"},
      {"m.gguf", "GGUF\u0003\u0000\u0000\u0000\u0001", "the download incomplete"},
      {"model.safetensors", header("{" + entry, ""), "the JSON ends too early"},
      {"model.safetensors", header("{" + entry + "," + entry + "}", "12345678"), "comes twice"},
      {
        "model.safetensors",
        header("{" + entry + "}", "1234567"),
        "ends at data byte 8 but the file has 7"
      },
      {
        "model.safetensors",
        header("{" + entry + "}", "123456789"),
        "1 bytes follow the last tensor"
      },
      {
        "model.safetensors",
        header("{" + entry + "," + entry("b", "U8", "[2]", 7, 9) + "}", "123456789"),
        "tensor 'b' begins at data byte 7, inside the tensor before it"
      },
      {
        "model.safetensors",
        header("{" + entry("a", "F32", "[4294967296,4294967296]", 0, 0) + "}", ""),
        "more than 2^63 elements"
      },
      {
        "model.safetensors",
        header("{" + entry("a", "Q7", "[1]", 0, 1) + "}", "1"),
        "known are [F64"
      },
    };
  }

  private static String header(String json, String data) {
    return new String(
        SafetensorsBytes.of(json, data.getBytes(StandardCharsets.ISO_8859_1)),
        StandardCharsets.ISO_8859_1);
  }

  @Test(dataProvider = "refusals")
  public void whatCannotBeReadIsRefusedWithAReason(String name, String content, String reason)
      throws IOException {
    file(name, content);
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(folder));
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    assertTrue(refusal.getMessage().startsWith(folder.toString()), refusal.getMessage());
  }

  /** The lengths begin with the magic of a pickle, of gzip and of a zip archive's start. */
  @Test
  public void aHeaderLengthIsNotMistakenForAnotherFormat() throws IOException {
    for (int length : new int[] {0x0280, 0x8B1F, 0x5_4B50}) {
      String json = "{" + entry("a", "F32", "[2]", 0, 8) + "}";
      String padded = json + " ".repeat(length - json.length());
      Path file = file("padded.safetensors", SafetensorsBytes.of(padded, TWO_FLOATS));
      try (Checkpoint checkpoint = Checkpoints.open(file)) {
        assertTrue(checkpoint.contains("a"));
      }
    }
  }

  @Test
  public void aMissingFolderIsNamed() {
    Path absent = folder.resolve("absent");
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(absent));
    assertTrue(refusal.getMessage().startsWith(absent + ": there is no such folder or file"));
  }

  @Test
  public void severalCheckpointsInAFolderMustBeChosenFrom() throws IOException {
    file("one.gguf", gguf());
    file("two.gguf", gguf());
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(folder));
    assertTrue(refusal.getMessage().contains("several checkpoints (one.gguf, two.gguf)"));
  }

  @Test
  public void aHeaderAboveTheLimitIsRefusedUnread() throws IOException {
    Path file = file("big.safetensors", header("{}", ""));
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    length.putLong(0, 100_000_001);
    byte[] start = Files.readAllBytes(file);
    length.get(0, start, 0, 8);
    Files.write(file, start);
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(file));
    assertTrue(refusal.getMessage().contains("more than the 100,000,000 that safetensors allows"));
  }

  @Test
  public void theHashCoversNamesTypesShapesAndData() throws Exception {
    Path file =
        file(
            "model.safetensors",
            SafetensorsBytes.of(
                "{" + entry("b", "U8", "[1,2]", 0, 2) + "," + entry("a", "I8", "[]", 2, 3) + "}",
                new byte[] {5, 6, 7}));
    ByteBuffer stream = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    stream.putLong(1).put((byte) 'a').putLong(2).put("I8".getBytes(StandardCharsets.UTF_8));
    stream.putLong(0).putLong(1).put((byte) 7);
    stream.putLong(1).put((byte) 'b').putLong(2).put("U8".getBytes(StandardCharsets.UTF_8));
    stream.putLong(2).putLong(1).putLong(2).putLong(2).put((byte) 5).put((byte) 6);
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      assertEquals(checkpoint.sha256(), sha256(stream.flip()));
    }
  }

  private static String sha256(ByteBuffer bytes) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(bytes);
    return HexFormat.of().formatHex(digest.digest());
  }

  @Test
  public void packedWeightsThatAreNoNumbersAreNamed() throws IOException {
    byte[] bytes = gguf();
    // The scale of the second row's only block becomes a NaN.
    bytes[bytes.length - 33] = 0x7E;
    try (Checkpoint checkpoint = Checkpoints.open(file("m.gguf", bytes))) {
      FormatException refusal =
          expectThrows(
              FormatException.class,
              () -> Checkpoints.requireFinite("weight", checkpoint.quantized("weight")));
      assertTrue(refusal.getMessage().startsWith("weight: element [1, 0] is NaN"));
    }
  }

  @Test
  public void globsMatchWholeNames() throws IOException {
    String names =
        String.join(
            ",",
            entry("blk.0.a", "U8", "[1]", 0, 1),
            entry("blk.10.a", "U8", "[1]", 1, 2),
            entry("blkx0.ab", "U8", "[1]", 2, 3));
    Path file = file("m.safetensors", SafetensorsBytes.of("{" + names + "}", new byte[3]));
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      assertEquals(matches(checkpoint, "*"), List.of("blk.0.a", "blk.10.a", "blkx0.ab"));
      assertEquals(matches(checkpoint, "blk.*.a"), List.of("blk.0.a", "blk.10.a"));
      assertEquals(matches(checkpoint, "blk.?.a"), List.of("blk.0.a"));
      assertEquals(matches(checkpoint, "blk"), List.of());
    }
  }

  private static List<String> matches(Checkpoint checkpoint, String glob) {
    return Checkpoints.matching(checkpoint, glob).stream()
        .map(Checkpoint.TensorInfo::name)
        .toList();
  }

  @Test
  public void theFirstElementThatIsNoNumberIsNamed() {
    float[] values = new float[3 * 10_007];
    Tensor tensor = Tensor.of(values, 3, 10_007);
    Checkpoints.requireFinite("w", tensor);
    values[2 * 10_007 + 5] = Float.NEGATIVE_INFINITY;
    values[2 * 10_007 + 6] = Float.NaN;
    FormatException refusal =
        expectThrows(
            FormatException.class,
            () -> Checkpoints.requireFinite("w", Tensor.of(values, 3, 10_007)));
    assertTrue(
        refusal.getMessage().startsWith("w: element [2, 5] is -Infinity"), refusal.getMessage());
    values[2 * 10_007 + 5] = -Float.MAX_VALUE;
    values[2 * 10_007 + 6] = Float.MIN_VALUE;
    Checkpoints.requireFinite("w", Tensor.of(values, 3, 10_007));
  }
}
