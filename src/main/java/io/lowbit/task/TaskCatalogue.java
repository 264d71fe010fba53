// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import io.lowbit.table.DataFile;
import io.lowbit.text.NearestName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The task files that ship with the program, and those a user names by path. */
public final class TaskCatalogue {
  private static final String FOLDER = "/io/lowbit/tasks/";

  private TaskCatalogue() {}

  /** Names of the tasks that ship, in the order of {@code datasets/catalogue.yaml}. */
  public static List<String> names() {
    YamlMap catalogue = YamlMap.parse("catalogue.yaml", resource("/io/lowbit/catalogue.yaml"));
    List<String> names = catalogue.texts("tasks");
    catalogue.finish();
    return names;
  }

  /**
   * A task by its name, or by the path of a task file ({@code ./mine.yaml}).
   *
   * @throws IllegalArgumentException if there is none, with the nearest name, or if the file is
   *     malformed, with file and line
   */
  public static TaskDefinition find(String nameOrPath) {
    if (nameOrPath.endsWith(".yaml") || nameOrPath.endsWith(".yml")) {
      return read(Path.of(nameOrPath));
    }
    List<String> names = names();
    if (!names.contains(nameOrPath)) {
      throw new IllegalArgumentException(
          "unknown task '"
              + nameOrPath
              + "'"
              + NearestName.hint(nameOrPath, names)
              + " (a task file of your own is named by its path, ending in .yaml)");
    }
    String file = nameOrPath + ".yaml";
    return TaskDefinitionReader.read(file, resource(FOLDER + file));
  }

  /** Reads a user's task file; errors as {@link #find}. */
  public static TaskDefinition read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file.toAbsolutePath() + ": no such task file");
    }
    return TaskDefinitionReader.read(file.toString(), DataFile.text(file));
  }

  private static String resource(String path) {
    try (InputStream in = TaskCatalogue.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(
            "the program is incomplete: " + path + " is missing; build it again");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the program is damaged: " + path + " is unreadable", e);
    }
  }
}
