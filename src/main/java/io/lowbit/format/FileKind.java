// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a checkpoint file is, told from its first bytes. */
enum FileKind {
  SAFETENSORS,
  GGUF,
  INDEX;

  private static final int ENOUGH = 64;

  /**
   * Looks into a file.
   *
   * @throws FormatException if it is absent, or is something that is known not to hold weights we
   *     read: the message says what it is and what to do
   */
  static FileKind of(Path file) {
    if (!Files.exists(file)) {
      throw new FormatException("%s: there is no such file".formatted(file));
    }
    if (Files.isDirectory(file)) {
      throw new FormatException("%s: is a folder where a file is expected".formatted(file));
    }
    byte[] start = start(file);
    String text = new String(start, StandardCharsets.ISO_8859_1);
    // Asked first, for a header length may begin with the same bytes as another format's magic.
    if (text.startsWith("\0\0\0\0{", 4)) {
      return SAFETENSORS;
    }
    String foreign = foreign(start.length, text);
    if (foreign != null) {
      throw new FormatException("%s: %s".formatted(file, foreign));
    }
    if (text.startsWith("GGUF")) {
      return GGUF;
    }
    if (file.toString().endsWith(".gguf")) {
      throw new FormatException(
          "%s: does not begin with GGUF; it is another format or damaged".formatted(file));
    }
    return file.toString().endsWith(".json") ? INDEX : SAFETENSORS;
  }

  private static String foreign(int length, String text) {
    if (length == 0) {
      return "the file is empty; the download is incomplete";
    }
    if (text.startsWith("version https://git-lfs")) {
      return "is a Git LFS pointer, not the data; run `git lfs pull` in its folder";
    }
    String lower = text.toLowerCase(Locale.ROOT).stripLeading();
    if (lower.startsWith("<!doctype") || lower.startsWith("<html") || lower.startsWith("<?xml")) {
      return "is a web page, not a checkpoint; the download was answered by an error or login page";
    }
    if (text.startsWith("\u001f\u008b")) {
      return "is compressed with gzip; unpack it first (gunzip)";
    }
    if (text.startsWith("PK\u0003\u0004")) {
      return "is a zip archive, perhaps a PyTorch checkpoint, which is not read; "
          + "convert it to safetensors or unpack it first";
    }
    if (text.startsWith("\u0080\u0002") && length > 2) {
      return "is a Python pickle (an old PyTorch checkpoint), which is not read; "
          + "convert it to safetensors";
    }
    if (text.startsWith("FUGG")) {
      return "starts with the magic of GGUF in reversed bytes; only little-endian files are read";
    }
    return null;
  }

  private static byte[] start(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(ENOUGH);
    } catch (IOException e) {
      throw new FormatException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }
}
