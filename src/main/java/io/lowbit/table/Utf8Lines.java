// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Optional;

/** Numbered lines of a file that must be UTF-8. Only a line feed ends a line. */
final class Utf8Lines implements Closeable {
  /** A longer line is taken for another kind of file rather than read into memory. */
  private static final int MAX_LINE_BYTES = 1 << 26;

  private final Path file;
  private final InputStream in;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int number;

  Utf8Lines(Path file) throws IOException {
    this.file = file;
    this.in = DataFile.open(file);
  }

  /** Number of the line read last, counted from 1. */
  int number() {
    return number;
  }

  /** The next line without its line feed; empty at the end. */
  Optional<String> next() throws IOException {
    int next = in.read();
    if (next < 0) {
      return Optional.empty();
    }
    bytes.reset();
    number++;
    for (; next >= 0 && next != '\n'; next = in.read()) {
      if (bytes.size() == MAX_LINE_BYTES) {
        throw new IllegalArgumentException(
            file
                + " line "
                + number
                + ": the line is longer than "
                + MAX_LINE_BYTES
                + " bytes; is this a text file with one record per line?");
      }
      bytes.write(next);
    }
    try {
      String line = DataFile.decode(bytes.toByteArray());
      return Optional.of(number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          file + " line " + number + ": it is not UTF-8; convert the file to UTF-8 first", e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
