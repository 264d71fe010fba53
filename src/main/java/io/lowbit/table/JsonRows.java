// SPDX-License-Identifier: Apache-2.0
package io.lowbit.table;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * JSON objects, one a line or in one array. Strict JSON: no comments, no double keys, and no NaN
 * unless asked for.
 */
final class JsonRows {
  /** Possessive, so that a long string does not exhaust the stack. */
  private static final Pattern STRING_OR_SPECIAL =
      Pattern.compile("\"(?:[^\"\\\\]++|\\\\.)*+\"|\\bNaN\\b|-?\\bInfinity\\b");

  private JsonRows() {}

  static Stream<Row> lines(Path file) throws IOException {
    Utf8Lines lines = new Utf8Lines(file);
    return RowSource.stream(file, lines, new LineSource(file, lines, false));
  }

  /** Lines as Python's json module writes them: NaN, Infinity and -Infinity become null. */
  static Stream<Row> pythonLines(Path file) throws IOException {
    Utf8Lines lines = new Utf8Lines(file);
    return RowSource.stream(file, lines, new LineSource(file, lines, true));
  }

  static Stream<Row> array(Path file) throws IOException {
    InputStream in = DataFile.open(file);
    return RowSource.stream(file, in, new ArraySource(file, in));
  }

  private static final class LineSource implements RowSource {
    private final Path file;
    private final Utf8Lines lines;
    private final boolean python;

    LineSource(Path file, Utf8Lines lines, boolean python) {
      this.file = file;
      this.lines = lines;
      this.python = python;
    }

    @Override
    public Optional<Row> next() throws IOException {
      Optional<String> text = lines.next();
      while (text.isPresent() && text.get().isBlank()) {
        text = lines.next();
      }
      return text.map(json ->
          new Row(
              file.getFileName() + " line " + lines.number(),
              parse(python ? withoutSpecialNumbers(json) : json)));
    }

    private Map<String, Object> parse(String text) {
      try (JsonReader json = new JsonReader(new StringReader(text))) {
        json.setStrictness(Strictness.STRICT);
        if (json.peek() != JsonToken.BEGIN_OBJECT) {
          throw malformed("it is not a JSON object", null);
        }
        Map<String, Object> values = object(json);
        if (json.peek() != JsonToken.END_DOCUMENT) {
          throw malformed("something follows the JSON object", null);
        }
        return values;
      } catch (IOException | IllegalStateException e) {
        throw malformed("it is not valid JSON (" + firstSentence(e) + ")", e);
      }
    }

    private IllegalArgumentException malformed(String what, Exception cause) {
      return new IllegalArgumentException(
          file
              + " line "
              + lines.number()
              + ": "
              + what
              + "; expected one JSON object per line, so the file may be damaged",
          cause);
    }
  }

  /** Outside of strings these words are no JSON; inside they stay as they are. */
  private static String withoutSpecialNumbers(String json) {
    if (!json.contains("NaN") && !json.contains("Infinity")) {
      return json;
    }
    return STRING_OR_SPECIAL
        .matcher(json)
        .replaceAll(found ->
            found.group().startsWith("\"") ? Matcher.quoteReplacement(found.group()) : "null");
  }

  private static final class ArraySource implements RowSource {
    private final Path file;
    private final JsonReader json;
    private int index = -1;

    ArraySource(Path file, InputStream in) {
      this.file = file;
      Reader reader =
          new InputStreamReader(
              in,
              StandardCharsets.UTF_8
                  .newDecoder()
                  .onMalformedInput(CodingErrorAction.REPORT)
                  .onUnmappableCharacter(CodingErrorAction.REPORT));
      this.json = new JsonReader(reader);
      json.setStrictness(Strictness.STRICT);
    }

    @Override
    public Optional<Row> next() throws IOException {
      try {
        if (index < 0) {
          json.beginArray();
        }
        index++;
        if (json.hasNext()) {
          return Optional.of(new Row(file.getFileName() + " entry " + index, object(json)));
        }
        json.endArray();
        return Optional.empty();
      } catch (MalformedJsonException
          | EOFException
          | IllegalStateException
          | CharacterCodingException e) {
        throw new IllegalArgumentException(
            file
                + " entry "
                + Math.max(index, 0)
                + ": "
                + firstSentence(e)
                + "; expected a JSON array of objects in UTF-8",
            e);
      }
    }
  }

  /** The parser's own words without the link it appends. */
  private static String firstSentence(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static Map<String, Object> object(JsonReader json) throws IOException {
    Map<String, Object> values = new LinkedHashMap<>();
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      if (values.containsKey(name)) {
        throw new MalformedJsonException("the key '" + name + "' occurs twice");
      }
      values.put(name, value(json));
    }
    json.endObject();
    return values;
  }

  private static Object value(JsonReader json) throws IOException {
    return switch (json.peek()) {
      case BEGIN_OBJECT -> object(json);
      case BEGIN_ARRAY -> {
        List<Object> values = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
          values.add(value(json));
        }
        json.endArray();
        yield values;
      }
      case STRING -> json.nextString();
      case BOOLEAN -> json.nextBoolean();
      case NUMBER -> number(json.nextString());
      case NULL -> {
        json.nextNull();
        yield null;
      }
      default -> throw new MalformedJsonException("unexpected " + json.peek());
    };
  }

  private static Object number(String text) throws IOException {
    try {
      return text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))
          ? (Object) Long.valueOf(text)
          : (Object) Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw (IOException)
          new MalformedJsonException("the integer " + text + " does not fit 64 bits").initCause(e);
    }
  }
}
