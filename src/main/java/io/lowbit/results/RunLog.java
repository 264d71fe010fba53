// SPDX-License-Identifier: Apache-2.0
package io.lowbit.results;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened around the records: clock, machine, commands. It lies beside them, one line per
 * run, because records themselves must be the same bytes wherever and whenever they are made.
 */
public final class RunLog {
  private static final String FILE = "runs.jsonl";
  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private RunLog() {}

  /**
   * One run of a study.
   *
   * @param started ISO 8601, UTC
   * @param seconds it took
   * @param items scored in it
   * @param title heading of the report
   * @param baseline name of the scheme that others are compared with
   * @param command what was typed
   * @param version of Lowbit
   * @param machine processor, memory, operating system and Java
   * @param backend what ran the models, one line
   * @param notes what should be said beside the results
   * @param files record files of the study's units, relative to the folder
   */
  public record Run(
      String started,
      double seconds,
      long items,
      String title,
      String baseline,
      String command,
      String version,
      String machine,
      String backend,
      List<String> notes,
      List<String> files) {}

  /** Adds a run to the log of an output folder, in place of a line that a crash cut off. */
  public static void append(Path folder, Run run) {
    Path file = folder.resolve(FILE);
    byte[] line = (GSON.toJson(run) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        byte[] before = Files.readAllBytes(file);
        int sound = before.length;
        while (sound > 0 && before[sound - 1] != '\n') {
          sound--;
        }
        channel.truncate(sound).position(sound);
        ByteBuffer bytes = ByteBuffer.wrap(line);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(file + ": the run could not be noted: " + e, e));
    }
  }

  /**
   * The runs of an output folder, in order; none if it has no log. A line cut off by a crash is
   * left out.
   */
  public static List<Run> read(Path folder) {
    Path file = folder.resolve(FILE);
    List<Run> runs = new ArrayList<>();
    if (!Files.exists(file)) {
      return runs;
    }
    try {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        try {
          runs.add(GSON.fromJson(lines.get(i), Run.class));
        } catch (JsonParseException e) {
          if (i < lines.size() - 1) {
            throw new IllegalStateException(
                "%s:%d: not an entry of a run log; move the file away to go on without it"
                    .formatted(file, i + 1),
                e);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(new IOException(file + ": cannot be read: " + e, e));
    }
    return runs;
  }
}
