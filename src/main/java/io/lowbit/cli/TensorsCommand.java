// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.format.Checkpoint;
import io.lowbit.format.Checkpoint.TensorInfo;
import io.lowbit.format.Checkpoints;
import io.lowbit.format.SafetensorsWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the tensors of a checkpoint and writes their values. */
@Command(
    name = "tensors",
    description = {
      "Lists the tensors of a checkpoint: name, type, shape, bytes.",
      "With --out, writes their values: floats and packed formats as fp32, integers as they are."
    })
public final class TensorsCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE-or-MODEL",
      description = "A model folder or checkpoint file.",
      converter = ModelPath.class)
  private Path source;

  @Option(
      names = "--match",
      paramLabel = "GLOB",
      defaultValue = "*",
      description = "Only tensors whose name matches; * is any text, ? any character.")
  private String match;

  @Option(
      names = "--out",
      paramLabel = "G.safetensors",
      description =
          "Where to write the values; - is standard output (the table then goes to standard error).")
  private Optional<String> out;

  @Override
  public Integer call() {
    boolean toStandardOutput = out.filter("-"::equals).isPresent();
    try (Checkpoint checkpoint = Checkpoints.open(source)) {
      List<TensorInfo> tensors = Checkpoints.matching(checkpoint, match);
      print(tensors, toStandardOutput ? System.err : System.out);
      if (out.isPresent()) {
        List<SafetensorsWriter.Entry> entries =
            tensors.stream().map(t -> SafetensorsWriter.Entry.plain(checkpoint, t)).toList();
        if (toStandardOutput) {
          // System.out would swallow a failing write, such as a full disk behind a redirection.
          SafetensorsWriter.write(new FileOutputStream(FileDescriptor.out), Map.of(), entries);
        } else {
          SafetensorsWriter.write(Path.of(out.get()), Map.of(), entries);
        }
      }
      return 0;
    }
  }

  private static void print(List<TensorInfo> tensors, PrintStream to) {
    int name = width(tensors.stream().map(TensorInfo::name).toList(), "name");
    int shape = width(tensors.stream().map(t -> t.shape().toString()).toList(), "shape");
    String row = "%-" + name + "s  %-7s  %-" + shape + "s  %,15d%n";
    to.printf(row.replace("%,15d", "%15s"), "name", "type", "shape", "bytes");
    for (TensorInfo tensor : tensors) {
      to.printf(row, tensor.name(), tensor.type(), tensor.shape(), tensor.bytes());
    }
  }

  private static int width(List<String> texts, String title) {
    return Math.max(title.length(), texts.stream().mapToInt(String::length).max().orElse(0));
  }
}
