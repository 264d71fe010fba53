// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.DataFile;
import io.lowbit.task.TaskDefinition.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The user's folder of data files.
 *
 * @param folder what paths of task files start from
 * @param allowUnpinned accept a file whose hash is not the one the task names, with a note
 */
public record DataRoot(Path folder, boolean allowUnpinned) {
  /** Names the folder where neither a study nor a flag does. */
  public static final String VARIABLE = "LOWBIT_DATA";

  /** Forms of a table that serve where the JSONL file of a task is absent. */
  private static final List<String> OTHER_FORMS = List.of(".jsonl.gz", ".parquet", ".json", ".csv");

  /**
   * A data file that was found.
   *
   * @param path where it is
   * @param sha256 its hash
   * @param notes what should be said about it beside a result
   */
  public record Located(Path path, String sha256, List<String> notes) {}

  /**
   * The folder that the user named.
   *
   * @param given by a study or a flag; empty = the variable {@link #VARIABLE}
   * @throws IllegalArgumentException if none is named or it is not a folder
   */
  public static DataRoot of(Optional<Path> given, boolean allowUnpinned) {
    Path folder =
        given
            .or(() -> Optional.ofNullable(System.getenv(VARIABLE)).map(Path::of))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no data folder is named; give --data FOLDER, 'data:' in the study, or set "
                        + VARIABLE));
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          folder.toAbsolutePath() + ": not a folder; name the folder that holds the data sets");
    }
    return new DataRoot(folder, allowUnpinned);
  }

  /**
   * Finds a file, or where a JSONL file is absent the same table as parquet, JSON, CSV or
   * compressed, and checks its hash. A file whose task names no hash is accepted with a note.
   *
   * @throws IllegalArgumentException if it is missing, naming the path, or if its hash differs and
   *     unpinned data is not allowed
   */
  public Located locate(DataSource source) {
    Path path = existing(source);
    String hash = DataFile.sha256(path);
    if (source.sha256().isEmpty()) {
      return new Located(path, hash, List.of(name(path) + " is not pinned; its sha256 is " + hash));
    }
    String pinned = source.sha256().get();
    if (hash.equals(pinned)) {
      return new Located(path, hash, List.of());
    }
    String difference =
        folder.relativize(path)
            + " has the sha256 "
            + hash
            + ", but the task was checked with "
            + pinned;
    if (!allowUnpinned) {
      throw new IllegalArgumentException(
          difference
              + "; get that release, or allow other data with 'allow_unpinned: true' or"
              + " --allow-unpinned");
    }
    return new Located(path, hash, List.of(difference));
  }

  /** A path as task files write it, for messages. */
  private String name(Path path) {
    return (path.startsWith(folder) ? folder.relativize(path) : path).toString();
  }

  /** The file itself, or the same table in another form beside it. */
  private Path existing(DataSource source) {
    Path path = folder.resolve(source.path());
    if (Files.isRegularFile(path)) {
      return path;
    }
    String name = path.getFileName().toString();
    if (name.endsWith(".jsonl")) {
      String stem = name.substring(0, name.length() - ".jsonl".length());
      for (String form : OTHER_FORMS) {
        Path other = path.resolveSibling(stem + form);
        if (Files.isRegularFile(other)) {
          return other;
        }
      }
    }
    throw new IllegalArgumentException(
        path.toAbsolutePath().normalize()
            + ": no such data file; put it there or name another data folder");
  }
}
