// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.quant.GgufType;
import io.lowbit.quant.QuantizedTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.testng.annotations.AfterMethod;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

/** Files beyond 2 and 4 GiB, sparse on disk, and the longest header. */
@Test(groups = "long")
public class LargeFileTest {
  private Path file;

  @BeforeMethod(alwaysRun = true)
  public void newFile() throws IOException {
    file = Files.createTempFile("large", ".bin");
    Files.delete(file);
  }

  @AfterMethod(alwaysRun = true)
  public void removeFile() throws IOException {
    Files.deleteIfExists(file);
  }

  private FileChannel sparse() throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE);
  }

  private static void put(FileChannel channel, long at, byte[] bytes) throws IOException {
    channel.write(ByteBuffer.wrap(bytes), at);
  }

  public void safetensorsBeyondFourGibibytes() throws IOException {
    long rows = 70_000;
    long columns = 32_768;
    long halves = rows * columns * 2;
    assertTrue(halves > 1L << 32);
    byte[] header =
        SafetensorsBytes.of(
            "{"
                + SafetensorsBytes.entry("half", "F16", "[70000,32768]", 0, halves)
                + ","
                + SafetensorsBytes.entry("last", "F32", "[2]", halves, halves + 8)
                + "}",
            new byte[0]);
    try (FileChannel channel = sparse()) {
      put(channel, 0, header);
      // The last element of the large tensor is 1 in fp16.
      put(channel, header.length + halves - 2, new byte[] {0, 0x3C});
      put(channel, header.length + halves, GgufBytes.floats(3, 4));
    }
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      assertEquals(checkpoint.tensor("half").get(rows * columns - 1), 1f);
      assertEquals(checkpoint.tensor("half").get(rows * columns - 2), 0f);
      assertEquals(checkpoint.tensor("last").toFloats(), new float[] {3, 4});
    }
  }

  public void ggufBeyondFourGibibytes() throws IOException {
    int columns = 32_768;
    long rows = 130_000;
    long bytes = rows * columns / 32 * 34;
    assertTrue(bytes > 1L << 32 && bytes % 32 == 0);
    GgufBytes header =
        new GgufBytes()
            .tensor("packed", GgufType.Q8_0.id(), 0, columns, rows)
            .tensor("last", 0, bytes, 2);
    try (FileChannel channel = sparse()) {
      put(channel, 0, header.with(new byte[0]));
      byte[] block = new byte[34];
      Arrays.fill(block, (byte) 2);
      ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putShort((short) 0x3800);
      put(channel, header.dataStart() + bytes - 34, block);
      put(channel, header.dataStart() + bytes, GgufBytes.floats(3, 4));
    }
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      QuantizedTensor packed = checkpoint.quantized("packed");
      float[] end = new float[33];
      packed.dequantize(rows - 1, columns - 33, 33, end, 0);
      assertEquals(end[0], 0f);
      assertEquals(end[1], 1f);
      assertEquals(end[32], 1f);
      assertEquals(checkpoint.tensor("last").toFloats(), new float[] {3, 4});
    }
  }

  public void aHeaderOfExactlyTheLimitIsReadAndOneByteMoreIsRefused() throws IOException {
    byte[] header = new byte[8 + 100_000_001];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_000);
    System.arraycopy("{}".getBytes(StandardCharsets.UTF_8), 0, header, 8, 2);
    Files.write(file, Arrays.copyOf(header, 8 + 100_000_000));
    try (Checkpoint checkpoint = Checkpoints.open(file)) {
      assertEquals(checkpoint.tensors().size(), 0);
    }
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(100_000_001);
    Files.write(file, header);
    FormatException refusal = expectThrows(FormatException.class, () -> Checkpoints.open(file));
    assertTrue(refusal.getMessage().contains("more than the 100,000,000"), refusal.getMessage());
  }
}
