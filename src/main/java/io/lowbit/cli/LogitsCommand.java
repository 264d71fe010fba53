// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.engine.Session;
import io.lowbit.engine.Trace;
import io.lowbit.format.SafetensorsWriter;
import io.lowbit.model.Architecture;
import io.lowbit.model.ModelSource;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lowbit logits}. */
@Command(
    name = "logits",
    description = "Writes the logits (and hidden states) of token sequences.",
    mixinStandardHelpOptions = true)
public final class LogitsCommand implements Callable<Integer> {
  @Mixin private ModelOptions options;

  @Option(
      names = "--ids",
      required = true,
      paramLabel = "FILE",
      description = "a JSON array of token ids per line")
  private Path ids;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "safetensors file: logits.<line>, hidden.<line>.<k>; - for standard output")
  private String out;

  @Option(
      names = "--hidden",
      description = "also write the hidden states before every block and before the head")
  private boolean hidden;

  @Override
  public Integer call() throws IOException {
    JsonLinesOutput.requireWritable(out);
    List<JsonLines.Line> read = JsonLines.readAll(ids);
    try (ModelSource source = ModelSource.open(options.model)) {
      int vocabulary = source.architecture().vocabulary();
      write(read.stream().map(line -> ids(line, vocabulary)).toList(), source);
    }
    return 0;
  }

  private void write(List<int[]> lines, ModelSource source) {
    try (Session session = options.load(source)) {
      List<SafetensorsWriter.Entry> entries = new ArrayList<>();
      // Entries are written in order, so one line's trace at a time is enough.
      Trace[] current = new Trace[1];
      for (int line = 0; line < lines.size(); line++) {
        add(session, line, lines.get(line), current, entries);
      }
      SafetensorsWriter.write(Path.of(out.equals("-") ? "/dev/stdout" : out), Map.of(), entries);
    }
  }

  private static int[] ids(JsonLines.Line line, int vocabulary) {
    try {
      int[] ids = JsonLines.ids(line.value());
      if (ids.length == 0) {
        throw new IllegalArgumentException("there are no token ids to run");
      }
      JsonLines.requireKnown(ids, vocabulary);
      return ids;
    } catch (IllegalArgumentException e) {
      throw line.error(e.getMessage(), e);
    }
  }

  private void add(
      Session session,
      int line,
      int[] ids,
      Trace[] current,
      List<SafetensorsWriter.Entry> entries) {
    Architecture architecture = session.model().architecture();
    entries.add(
        SafetensorsWriter.Entry.of(
            "logits." + line,
            DType.F32,
            Shape.of(ids.length, architecture.vocabulary()),
            () -> {
              current[0] = Trace.of(session.model().decoder(), ids, hidden);
              return current[0].logits();
            }));
    for (int k = 0; hidden && k <= architecture.layers(); k++) {
      int index = k;
      entries.add(
          SafetensorsWriter.Entry.of(
              "hidden.%d.%d".formatted(line, k),
              DType.F32,
              Shape.of(ids.length, architecture.hidden()),
              () -> current[0].hidden().get(index)));
    }
  }
}
