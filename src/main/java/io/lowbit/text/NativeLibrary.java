// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The compiled tokenizer library, unpacked once and loaded on first use.
 *
 * <p>It is unpacked from the jar into {@code native} under Lowbit's cache folder: {@code
 * $LOWBIT_CACHE}, else {@code $XDG_CACHE_HOME/lowbit}, else {@code ~/.cache/lowbit}. Where that
 * cannot be written, a private temporary folder serves and is removed at exit. {@code
 * ENGINE_CACHE_DIR} in the environment overrides all of them, as the library documents.
 *
 * <p>The library is driven through its native interface rather than through its tokenizer class,
 * because the constructors of that class send a usage report over the network, and each of its
 * encodings copies offsets and masks that nobody reads here.
 */
final class NativeLibrary {
  private static final NativeLibrary INSTANCE = new NativeLibrary();

  private final Optional<TokenizersLibrary> library;
  private final Optional<Throwable> failure;

  private NativeLibrary() {
    Optional<TokenizersLibrary> loaded = Optional.empty();
    Optional<Throwable> error = Optional.empty();
    try {
      // Without a flavor the library looks for a GPU build of itself and may download one.
      setIfAbsent("RUST_FLAVOR", "cpu");
      setIfAbsent("ai.djl.offline", "true");
      setIfAbsent("OPT_OUT_TRACKING", "true");
      String folder = writableFolder().toString();
      setIfAbsent("ENGINE_CACHE_DIR", folder);
      // The library asks the CUDA runtime for its version through JNA, which unpacks itself too.
      setIfAbsent("jna.tmpdir", folder);
      LibUtils.checkStatus();
      loaded = Optional.of(TokenizersLibrary.LIB);
    } catch (IOException | RuntimeException | LinkageError e) {
      // Kept, not swallowed: every later use reports it instead of a NoClassDefFoundError.
      error = Optional.of(e);
    }
    this.library = loaded;
    this.failure = error;
  }

  /**
   * The loaded library.
   *
   * @throws IllegalStateException if it cannot be unpacked or loaded on this machine
   */
  static TokenizersLibrary get() {
    return INSTANCE.library.orElseThrow(() -> {
      Throwable cause = INSTANCE.failure.orElseThrow();
      return new IllegalStateException(
          "the tokenizer library could not be loaded for "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + " ("
              + cause.getMessage()
              + "); set LOWBIT_CACHE to a writable folder whose file system allows execution",
          cause);
    });
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static Path writableFolder() throws IOException {
    for (Path candidate : cacheFolders()) {
      Path folder = candidate.resolve("native");
      if (isWritable(folder)) {
        return folder;
      }
    }
    // Never a fixed name under a shared temporary folder: another user could have put a library
    // there.
    Path folder = Files.createTempDirectory("lowbit-native");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(folder)));
    return folder;
  }

  private static List<Path> cacheFolders() {
    return Stream.of(
            Optional.ofNullable(System.getenv("LOWBIT_CACHE")).map(Path::of),
            Optional.ofNullable(System.getenv("XDG_CACHE_HOME")).map(p -> Path.of(p, "lowbit")),
            Optional.ofNullable(System.getProperty("user.home"))
                .map(p -> Path.of(p, ".cache", "lowbit")))
        .flatMap(Optional::stream)
        .filter(Path::isAbsolute) // user.home is "?" for a user without an account entry
        .toList();
  }

  private static boolean isWritable(Path folder) {
    try {
      Files.createDirectories(folder);
      return Files.isWritable(folder);
    } catch (IOException e) {
      return false; // the next candidate is tried
    }
  }

  private static void deleteTree(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      System.err.println("could not remove the temporary folder " + folder + ": " + e);
    }
  }
}
