// SPDX-License-Identifier: Apache-2.0
package io.lowbit.kernels;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code kernels/ptx/manifest.json}: what the shipped PTX was made from.
 *
 * @param modules by name
 */
record Manifest(Map<String, Module> modules) {
  static final Path KERNELS = Path.of(System.getProperty("basedir", "."), "kernels");
  static final Path PTX = KERNELS.resolve("ptx");

  /**
   * A compiled file.
   *
   * @param version of the PTX
   * @param target architecture
   * @param sources SHA-256 of the source and of the headers that it includes, by name
   * @param ptx SHA-256 of the compiled text
   * @param entries kernels
   */
  record Module(
      String version, String target, Map<String, String> sources, String ptx, List<Entry> entries) {
    TreeSet<String> entryNames() {
      return entries.stream().map(Entry::name).collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /**
   * A kernel.
   *
   * @param name its name
   */
  record Entry(String name) {}

  static Manifest read() {
    return new Gson().fromJson(text(PTX.resolve("manifest.json")), Manifest.class);
  }

  /** Names of the files of a folder that end in {@code .} and the extension, without it. */
  static TreeSet<String> stems(Path folder, String extension) {
    TreeSet<String> stems = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("." + extension))
          .forEach(name -> stems.add(name.substring(0, name.length() - extension.length() - 1)));
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
    return stems;
  }

  /** A source and the headers beside it that it includes, directly or not, with their texts. */
  static Map<String, String> sourceTexts(String name) {
    Map<String, String> texts = new TreeMap<>();
    collect(name, texts);
    return texts;
  }

  private static void collect(String name, Map<String, String> texts) {
    if (!texts.containsKey(name)) {
      String text = text(KERNELS.resolve(name));
      texts.put(name, text);
      Matcher include = Pattern.compile("^#include \"([^\"]+)\"", Pattern.MULTILINE).matcher(text);
      while (include.find()) {
        collect(include.group(1), texts);
      }
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }
}
