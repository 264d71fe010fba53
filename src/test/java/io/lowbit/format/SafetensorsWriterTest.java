// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertThrows;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.format.SafetensorsWriter.Entry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testng.SkipException;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

public class SafetensorsWriterTest {
  private Path folder;
  private Path target;

  @BeforeMethod
  public void newFolder() throws IOException {
    folder = Files.createTempDirectory("writer");
    folder.toFile().deleteOnExit();
    target = folder.resolve("out.safetensors");
    target.toFile().deleteOnExit();
  }

  @Test
  public void bytesAreThoseOfTheFormat() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SafetensorsWriter.write(
        out, Map.of("k", "\u00e9"), List.of(Entry.of("a\"", Tensor.of(new float[] {1, 2}, 1, 2))));
    String header =
        "{\"__metadata__\":{\"k\":\"\u00e9\"},"
            + "\"a\\\"\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
    assertEquals(out.toByteArray(), SafetensorsBytes.of(padded(header), GgufBytes.floats(1, 2)));
  }

  private static String padded(String header) {
    int length = header.getBytes(StandardCharsets.UTF_8).length;
    return header + " ".repeat((8 - length % 8) % 8);
  }

  @Test
  public void whatIsWrittenIsReadBack() throws IOException {
    Tensor big = Tensor.of(new float[700_000], 700, 1000);
    big.data().setAtIndex(ValueLayout.JAVA_FLOAT, 699_999, 4f);
    Tensor scalar = Tensor.allocate(DType.I64);
    List<Entry> entries =
        List.of(
            Entry.of("big", big),
            Entry.of("scalar", scalar),
            Entry.of("none", DType.F16, Shape.of(0, 3), () -> Tensor.allocate(DType.F16, 0, 3)));
    SafetensorsWriter.write(target, Map.of(), entries);
    try (Checkpoint checkpoint = Checkpoints.open(target)) {
      assertEquals(checkpoint.tensor("big").data().mismatch(big.data()), -1);
      assertEquals(checkpoint.tensor("scalar").shape(), Shape.of());
      assertEquals(checkpoint.tensor("none").shape(), Shape.of(0, 3));
    }
    assertEquals(filesLeft(), 1);
  }

  @Test
  public void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    Files.writeString(target, "old");
    List<Entry> entries =
        List.of(
            Entry.of("a", Tensor.of(new float[8], 8)),
            new Entry(
                "b",
                DType.F32,
                Shape.of(1),
                _ -> {
                  throw new IOException("No space left on device");
                }));
    IllegalStateException failure =
        expectThrows(
            IllegalStateException.class, () -> SafetensorsWriter.write(target, Map.of(), entries));
    assertEquals(
        failure.getMessage(),
        target
            + ": cannot be written: No space left on device;"
            + " choose another place or make room (36 bytes are needed)");
    assertEquals(Files.readString(target), "old");
    assertEquals(filesLeft(), 1);
  }

  private long filesLeft() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  public void aFullDeviceIsReported() {
    Path full = Path.of("/dev/full");
    if (!Files.exists(full)) {
      throw new SkipException("needs " + full);
    }
    List<Entry> entries = List.of(Entry.of("a", Tensor.of(new float[8], 8)));
    IllegalStateException failure =
        expectThrows(
            IllegalStateException.class, () -> SafetensorsWriter.write(full, Map.of(), entries));
    assertTrue(failure.getMessage().contains("No space left on device"), failure.getMessage());
  }

  @Test
  public void aTargetThatCannotBeAFileIsRefusedFirst() {
    for (Path wrong : List.of(folder, folder.resolve("absent/out.safetensors"))) {
      IllegalStateException failure =
          expectThrows(
              IllegalStateException.class,
              () -> SafetensorsWriter.write(wrong, Map.of(), List.of()));
      assertTrue(failure.getMessage().startsWith(wrong + ": cannot be written: "));
    }
  }

  @Test
  public void twoTensorsOfOneNameAndWrongSizesAreRefused() {
    Entry a = Entry.of("a", Tensor.of(new float[1], 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(target, Map.of(), List.of(a, a)));
    Entry wrong = new Entry("b", DType.F32, Shape.of(2), a.body());
    IllegalStateException failure =
        expectThrows(
            IllegalStateException.class,
            () -> SafetensorsWriter.write(target, Map.of(), List.of(wrong)));
    assertTrue(failure.getMessage().contains("takes 8 bytes but 4 were written"));
    assertTrue(Files.notExists(target));
  }
}
