// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The small models that ship inside the program. They are ordinary folders in the Hugging Face
 * layout; as checkpoints are memory-mapped, a model is unpacked into the user's cache folder when
 * it is first named ({@code $XDG_CACHE_HOME/lowbit}, else {@code ~/.cache/lowbit}, else the folder
 * for temporary files), under a name that holds the hash of its content.
 */
public final class EmbeddedModels {
  /** Names, smallest first. */
  public static final List<String> NAMES = List.of("demo-s", "demo-m", "demo-l");

  private static final String RESOURCES = "/io/lowbit/models/";
  private static final List<String> FILES =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private EmbeddedModels() {}

  /**
   * The path that a model's name stands for: that of an embedded model where the name is one of
   * {@link #NAMES} and no file or folder has it, else the name itself.
   *
   * @throws UncheckedIOException if an embedded model cannot be unpacked
   */
  public static Path resolve(String reference) {
    Path path = Path.of(reference);
    return NAMES.contains(reference) && !Files.exists(path) ? unpacked(reference) : path;
  }

  private static Path unpacked(String name) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    FILES.forEach(file -> files.put(file, resource(name + "/" + file)));
    String version = hash(files).substring(0, 16);
    IOException failure = new IOException("no folder to unpack it into");
    for (Path cache : caches()) {
      Path folder = cache.resolve("models").resolve(version).resolve(name);
      try {
        if (!isComplete(folder, files)) {
          unpack(files, folder);
        }
        return folder;
      } catch (IOException e) {
        failure = e;
      }
    }
    throw new UncheckedIOException(
        new IOException(
            "%s: the embedded model cannot be unpacked (%s); set XDG_CACHE_HOME to a folder that can be written"
                .formatted(name, failure),
            failure));
  }

  private static List<Path> caches() {
    String named = System.getenv("XDG_CACHE_HOME");
    Path usual =
        named == null || named.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(named);
    String user = System.getProperty("user.name");
    return List.of(
        usual.resolve("lowbit"), Path.of(System.getProperty("java.io.tmpdir"), "lowbit-" + user));
  }

  private static boolean isComplete(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (!Files.isRegularFile(path) || !Arrays.equals(Files.readAllBytes(path), file.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** Each file takes its name only when it is complete, so several processes may unpack at once. */
  private static void unpack(Map<String, byte[]> files, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path temporary = Files.createTempFile(folder, file.getKey(), ".tmp");
      try {
        Files.write(temporary, file.getValue());
        Files.move(
            temporary,
            folder.resolve(file.getKey()),
            StandardCopyOption.REPLACE_EXISTING,
            StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private static byte[] resource(String path) {
    try (InputStream in = EmbeddedModels.class.getResourceAsStream(RESOURCES + path)) {
      if (in == null) {
        throw new IllegalStateException(
            "the program is incomplete: " + path + " is missing; build it again");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException("the program is damaged: " + path + " cannot be read", e));
    }
  }

  private static String hash(Map<String, byte[]> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      files.values().forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
