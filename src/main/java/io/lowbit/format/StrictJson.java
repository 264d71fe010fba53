// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * JSON as RFC 8259 has it and no further: UTF-8 without mark, no duplicate names, no lone
 * surrogates, integers written as integers. A streaming reader: the caller says what must come next
 * and anything else is refused, so nesting and size are bounded by what is asked for.
 */
final class StrictJson {
  private static final int LONGEST_INTEGER = 19;

  private final JsonReader reader;

  private StrictJson(JsonReader reader) {
    this.reader = reader;
  }

  /** What reads a document or a part of one. */
  interface Body {
    void read(StrictJson json) throws IOException;
  }

  /** What reads the value of a named field. */
  interface Field {
    void read(String name) throws IOException;
  }

  /**
   * Reads a whole document.
   *
   * @param where the file and part of it, for messages
   * @throws FormatException if it is not valid, or {@code body} finds another value than it asks
   *     for
   */
  static void parse(String where, byte[] utf8, Body body) {
    // The reader drops a byte order mark without a word; none can come before a bracket.
    if (utf8.length == 0 || utf8[0] != '{') {
      throw new FormatException(where + ": is not a JSON object, which begins with '{'");
    }
    InputStreamReader text =
        new InputStreamReader(new ByteArrayInputStream(utf8), StandardCharsets.UTF_8.newDecoder());
    JsonReader reader = new JsonReader(text);
    reader.setStrictness(Strictness.STRICT);
    StrictJson json = new StrictJson(reader);
    try {
      body.read(json);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new FormatException(where + ": something follows the JSON object");
      }
    } catch (IOException | IllegalStateException e) {
      throw new FormatException(
          "%s: at %s: %s".formatted(where, Quoted.text(reader.getPath()), problem(e)), e);
    }
  }

  private static String problem(Exception e) {
    return switch (e) {
      case MalformedJsonException _ -> "this is not valid JSON";
      case EOFException _ -> "the JSON ends too early";
      case CharacterCodingException _ -> "this is not valid UTF-8";
      // Gson's second line is advice for programmers.
      default -> Quoted.text(String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    };
  }

  /** Reads an object; a name that comes twice is refused. */
  void object(Field field) throws IOException {
    Set<String> seen = new HashSet<>();
    begin(JsonToken.BEGIN_OBJECT, "an object");
    reader.beginObject();
    while (reader.hasNext()) {
      String name = wellFormed(reader.nextName());
      if (!seen.add(name)) {
        throw new IOException("the name " + Quoted.name(name) + " comes twice");
      }
      field.read(name);
    }
    reader.endObject();
  }

  /** Reads a string. */
  String string() throws IOException {
    if (reader.peek() != JsonToken.STRING) {
      throw new IOException("expected a string, found " + found());
    }
    return wellFormed(reader.nextString());
  }

  private String found() throws IOException {
    return switch (reader.peek()) {
      case BEGIN_OBJECT -> "an object";
      case BEGIN_ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case NULL -> "null";
      case END_OBJECT, END_ARRAY, NAME, END_DOCUMENT -> "nothing";
    };
  }

  private void begin(JsonToken bracket, String what) throws IOException {
    if (reader.peek() != bracket) {
      throw new IOException("expected " + what + ", found " + found());
    }
  }

  /** Reads an integer from 0 to 2^63 - 1. */
  long unsigned() throws IOException {
    if (reader.peek() != JsonToken.NUMBER) {
      throw new IOException("expected an integer, found " + found());
    }
    String digits = reader.nextString();
    if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IOException("expected an integer of 0 or more, found " + digits);
    }
    if (digits.length() <= LONGEST_INTEGER) {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw new IOException("the integer " + digits + " exceeds 63 bits", e);
      }
    }
    throw new IOException("the integer " + digits + " exceeds 63 bits");
  }

  /**
   * Reads an array of integers from 0 to 2^63 - 1.
   *
   * @param most refuses more of them
   */
  long[] unsignedArray(int most) throws IOException {
    long[] values = new long[most];
    int count = 0;
    begin(JsonToken.BEGIN_ARRAY, "an array");
    reader.beginArray();
    while (reader.hasNext()) {
      if (count == most) {
        throw new IOException("expected at most " + most + " integers");
      }
      values[count++] = unsigned();
    }
    reader.endArray();
    return Arrays.copyOf(values, count);
  }

  /** Reads {@code null} if it comes next. */
  boolean skipNull() throws IOException {
    if (reader.peek() != JsonToken.NULL) {
      return false;
    }
    reader.nextNull();
    return true;
  }

  /** Skips a value of any kind. */
  void skip() throws IOException {
    reader.skipValue();
  }

  private static String wellFormed(String text) throws IOException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        throw new IOException("a string has a lone surrogate, which is no character");
      }
    }
    return text;
  }
}
