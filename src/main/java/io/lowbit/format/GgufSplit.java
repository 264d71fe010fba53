// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a file in a model that is split over several: {@code NAME-00001-of-00003.gguf} and
 * so on, with the keys {@code split.no} (from 0) and {@code split.count}.
 *
 * @param number place of this file, from 0
 * @param count number of files
 */
record GgufSplit(long number, long count) {
  private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
  private static final long MOST_PARTS = 99_999;

  /** Reads the keys; a file without them is the only one. */
  static GgufSplit of(Path file, Map<String, Object> metadata) {
    long count = number(file, metadata, "split.count", 1);
    long number = number(file, metadata, "split.no", 0);
    if (count == 0) {
      return new GgufSplit(0, 1);
    }
    if (number < 0 || count < 0 || number >= count || count > MOST_PARTS) {
      throw new FormatException(
          "%s: says it is part %d (from 0) of %d, which cannot be".formatted(file, number, count));
    }
    return new GgufSplit(number, count);
  }

  private static long number(Path file, Map<String, Object> metadata, String key, long absent) {
    Object value = metadata.getOrDefault(key, absent);
    if (value instanceof Long number) {
      return number;
    }
    throw new FormatException("%s: %s must be an integer".formatted(file, key));
  }

  /** Whether the file name is that of a part other than the first. */
  static boolean isLaterPart(String name) {
    Matcher matcher = PART.matcher(name);
    return matcher.matches() && Integer.parseInt(matcher.group(2)) > 1;
  }

  /** The file that holds part {@code number} (from 0), beside {@code first}. */
  Path part(Path first, long number) {
    Matcher matcher = PART.matcher(first.getFileName().toString());
    if (!matcher.matches() || Integer.parseInt(matcher.group(3)) != count) {
      throw new FormatException(
          "%s: is part of a model in %d files, which must be named NAME-00001-of-%05d.gguf and so on"
              .formatted(first, count, count));
    }
    Path file =
        first.resolveSibling("%s-%05d-of-%05d.gguf".formatted(matcher.group(1), number + 1, count));
    if (!Files.exists(file)) {
      throw new FormatException(
          "%s: is one of %d files of a model, but %s is not there; download it too"
              .formatted(first, count, file.getFileName()));
    }
    return file;
  }
}
