// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;

import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoints;
import io.lowbit.format.SafetensorsWriter;
import io.lowbit.format.SafetensorsWriter.Entry;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.testng.annotations.Test;
import picocli.CommandLine;

public class TensorsCommandTest {
  @Test
  public void listsAndWritesPlainNumbers() throws IOException {
    Path folder = Files.createTempDirectory("tensors");
    Path source = folder.resolve("in.safetensors");
    Path out = folder.resolve("out.safetensors");
    for (Path path : List.of(folder, source, out)) {
      path.toFile().deleteOnExit();
    }
    Tensor halves = Tensor.allocate(DType.F16, 1, 2);
    halves.data().setAtIndex(ValueLayout.JAVA_SHORT, 1, Float.floatToFloat16(-1.5f));
    Tensor integers = Tensor.allocate(DType.I32, 3);
    Tensor other = Tensor.allocate(DType.F32, 1);
    SafetensorsWriter.write(
        source,
        Map.of(),
        List.of(Entry.of("w.half", halves), Entry.of("w.int", integers), Entry.of("x", other)));

    String table = run(source.toString(), "--match", "w.*", "--out", out.toString());

    assertEquals(
        table.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")).toList(),
        List.of(
            "name | type | shape | bytes", "w.half | F16 | [1, 2] | 4", "w.int | I32 | [3] | 12"));
    try (Checkpoint written = Checkpoints.open(out)) {
      assertEquals(written.tensors().size(), 2);
      assertEquals(written.tensor("w.half").type(), DType.F32);
      assertEquals(written.tensor("w.half").toFloats(), new float[] {0, -1.5f});
      assertEquals(written.tensor("w.int").type(), DType.I32);
    }
  }

  private static String run(String... arguments) {
    PrintStream standard = System.out;
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
    try {
      assertEquals(new CommandLine(new TensorsCommand()).execute(arguments), 0);
    } finally {
      System.setOut(standard);
    }
    return captured.toString(StandardCharsets.UTF_8);
  }
}
