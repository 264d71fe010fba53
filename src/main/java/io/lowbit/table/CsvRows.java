// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CSV with a header (RFC 4180). Every value is text, an empty field the empty text: what a digit or
 * a gap means is for the reader of the row to say. DuckDB's reader guesses a dialect and may skip
 * lines that do not fit it; here a line that does not fit is an error with its number.
 */
final class CsvRows implements RowSource {
  private final Path file;
  private final Utf8Lines lines;
  private final char delimiter;
  private final List<String> header;

  /** The line being read and the position in it. */
  private String text = "";

  private int at;

  /** Number of the line on which the present record began. */
  private int start;

  private CsvRows(Path file, Utf8Lines lines, char delimiter) throws IOException {
    this.file = file;
    this.lines = lines;
    this.delimiter = delimiter;
    this.header = record();
    for (String name : header) {
      if (header.indexOf(name) != header.lastIndexOf(name)) {
        throw malformed("the column '" + name + "' occurs twice in the header");
      }
    }
  }

  static Stream<Row> rows(Path file, char delimiter) throws IOException {
    Utf8Lines lines = new Utf8Lines(file);
    try {
      return RowSource.stream(file, lines, new CsvRows(file, lines, delimiter));
    } catch (IllegalArgumentException | IOException e) {
      lines.close();
      throw e;
    }
  }

  @Override
  public Optional<Row> next() throws IOException {
    List<String> fields = record();
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    if (fields.size() != header.size()) {
      throw malformed("it has " + fields.size() + " fields, the header " + header.size());
    }
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      values.put(header.get(i), fields.get(i));
    }
    return Optional.of(new Row(file.getFileName() + " line " + start, values));
  }

  /** The fields of the next record; blank lines are left out; none at the end of the file. */
  private List<String> record() throws IOException {
    Optional<String> line = lines.next();
    while (line.isPresent() && line.get().isBlank()) {
      line = lines.next();
    }
    List<String> fields = new ArrayList<>();
    if (line.isEmpty()) {
      return fields;
    }
    start = lines.number();
    text = line.get();
    at = 0;
    fields.add(field());
    while (at < text.length()) {
      at++;
      fields.add(field());
    }
    return fields;
  }

  /** The field at the position, which moves to the delimiter after it or the end of the line. */
  private String field() throws IOException {
    if (at < text.length() && text.charAt(at) == '"') {
      String field = quoted();
      if (text.startsWith("\r", at) && at + 1 == text.length()) {
        at++;
      }
      if (at < text.length() && text.charAt(at) != delimiter) {
        throw malformed("something follows a closing quote");
      }
      return field;
    }
    int from = at;
    int end = text.indexOf(delimiter, from);
    at = end < 0 ? text.length() : end;
    boolean lastWithReturn = end < 0 && at > from && text.charAt(at - 1) == '\r';
    return text.substring(from, lastWithReturn ? at - 1 : at);
  }

  /** A quoted field, which may go on over line ends; a doubled quote stands for one. */
  private String quoted() throws IOException {
    StringBuilder field = new StringBuilder();
    at++;
    while (true) {
      int quote = text.indexOf('"', at);
      if (quote < 0) {
        field.append(text, at, text.length()).append('\n');
        text = lines.next().orElseThrow(() -> malformed("a quote is never closed"));
        at = 0;
      } else if (text.startsWith("\"\"", quote)) {
        field.append(text, at, quote + 1);
        at = quote + 2;
      } else {
        field.append(text, at, quote);
        at = quote + 1;
        return field.toString();
      }
    }
  }

  private IllegalArgumentException malformed(String what) {
    return new IllegalArgumentException(
        file + " line " + start + ": " + what + "; the file may be damaged");
  }
}
