// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON lines in and out, as the commands that show their work speak them: one value per line,
 * UTF-8, strict JSON. Blank lines are passed over. Whatever is wrong with a line is reported with
 * file and line number.
 */
public final class JsonLines {
  private static final Pattern COLUMN = Pattern.compile("column (\\d+)");

  private JsonLines() {}

  /**
   * One line of a file.
   *
   * @param number from 1
   */
  public record Line(Path file, int number, JsonElement value) {
    /**
     * The line as an object.
     *
     * @throws IllegalArgumentException if it is none
     */
    public JsonObject object() {
      if (value instanceof JsonObject object) {
        return object;
      }
      throw error("expected a JSON object, found " + kind(value), null);
    }

    /** What is made of the line's object; an IllegalArgumentException gets file and line number. */
    public <T> T parsed(Function<JsonObject, T> parse) {
      try {
        return parse.apply(object());
      } catch (IllegalArgumentException e) {
        throw error(String.valueOf(e.getMessage()), e);
      }
    }

    /** An error about this line, with file and line number in front. */
    public IllegalArgumentException error(String message, Throwable cause) {
      return JsonLines.error(file, number, message, cause);
    }
  }

  /** What is done with a line. */
  public interface LineAction {
    void accept(Line line) throws IOException;
  }

  /**
   * A text field of an object.
   *
   * @throws IllegalArgumentException if it is absent or not a text
   */
  public static String text(JsonObject object, String field) {
    JsonElement value = object.get(field);
    if (value == null) {
      throw new IllegalArgumentException(
          "the field '" + field + "' is missing; there are " + object.keySet());
    }
    if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      throw new IllegalArgumentException(
          "the field '" + field + "' is " + kind(value) + ", expected a text");
    }
    return value.getAsString();
  }

  /**
   * Token ids in a field of an object.
   *
   * @throws IllegalArgumentException if it is absent or not a list of whole numbers
   */
  public static int[] ids(JsonObject object, String field) {
    JsonElement value = object.get(field);
    if (value == null) {
      throw new IllegalArgumentException(
          "the field '" + field + "' is missing; there are " + object.keySet());
    }
    return ids(value);
  }

  /**
   * Token ids as a JSON array holds them.
   *
   * @throws IllegalArgumentException if it is not a list of whole numbers
   */
  public static int[] ids(JsonElement value) {
    if (!(value instanceof JsonArray array)) {
      throw new IllegalArgumentException("expected a list of token ids, found " + kind(value));
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      try {
        ids[i] = array.get(i).getAsBigDecimal().intValueExact();
      } catch (NumberFormatException
          | ArithmeticException
          | IllegalStateException
          | UnsupportedOperationException e) {
        throw new IllegalArgumentException(
            "expected a list of token ids, found %s in it".formatted(array.get(i)), e);
      }
    }
    return ids;
  }

  /**
   * Refuses token ids that a model does not have.
   *
   * @throws IllegalArgumentException naming the first
   */
  public static void requireKnown(int[] ids, int vocabulary) {
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new IllegalArgumentException(
            "token id %d is outside the model's 0 to %d".formatted(id, vocabulary - 1));
      }
    }
  }

  /** Token ids as a JSON array. */
  public static JsonElement ids(int[] ids) {
    JsonArray array = new JsonArray(ids.length);
    for (int id : ids) {
      array.add(id);
    }
    return array;
  }

  /**
   * Writes one object for each object of a file, in order. The output appears when all are done.
   *
   * @param out a file, or {@code -}
   * @param step makes the output object; what it throws as IllegalArgumentException is reported
   *     with file and line number
   */
  public static void transform(Path in, String out, Function<JsonObject, JsonObject> step)
      throws IOException {
    try (JsonLinesOutput output = JsonLinesOutput.open(out)) {
      forEach(in, line -> output.write(line.parsed(step)));
      output.commit();
    }
  }

  /** All lines of a file, for commands that order or batch them. */
  public static List<Line> readAll(Path in) throws IOException {
    List<Line> lines = new ArrayList<>();
    forEach(in, lines::add);
    return lines;
  }

  /** Hands over the lines of a file one by one. */
  public static void forEach(Path in, LineAction action) throws IOException {
    if (!Files.exists(in)) {
      throw new NoSuchFileException(in.toString());
    }
    int number = 0;
    try (BufferedReader reader = Files.newBufferedReader(in, StandardCharsets.UTF_8)) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (!text.isBlank()) {
          action.accept(new Line(in, number, parse(in, number, text)));
        }
      }
    } catch (CharacterCodingException e) {
      throw error(in, number + 1, "not UTF-8 here or in the lines after", e);
    }
  }

  private static JsonElement parse(Path file, int number, String text) {
    try {
      JsonReader reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
      JsonElement value = JsonParser.parseReader(reader);
      var _ = reader.peek(); // refuses a second value
      return value;
    } catch (JsonParseException | IOException e) {
      // The parser's own words are about its settings; what helps is where it stopped.
      Matcher place = COLUMN.matcher(String.valueOf(e.getMessage()));
      String where = place.find() ? " at column " + place.group(1) : "";
      throw error(file, number, "not valid JSON" + where, e);
    }
  }

  private static IllegalArgumentException error(
      Path file, int number, String message, Throwable cause) {
    String place = file + ":" + number + ": ";
    return new IllegalArgumentException(
        message.startsWith(place) ? message : place + message, cause);
  }

  private static String kind(JsonElement value) {
    if (value.isJsonArray()) {
      return "a list";
    }
    if (value.isJsonObject()) {
      return "an object";
    }
    return value.isJsonNull() ? "null" : "the value " + value;
  }
}
