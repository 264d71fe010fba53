// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The pieces of a {@code tokenizer.json}, by id and by text, added tokens included. */
final class PieceTable {
  /** Far above any real vocabulary (about 10^6), far below what would exhaust memory. */
  private static final int MAX_ID = 1 << 24;

  private String[] pieces = new String[1024];
  private int size;
  private final Map<String, Integer> ids = new HashMap<>();

  private PieceTable() {}

  /** Reads one level of JSON. */
  private interface Part {
    void read(PieceTable table, JsonReader reader) throws IOException;
  }

  /**
   * Reads the vocabulary out of a {@code tokenizer.json} without building the whole tree.
   *
   * @throws IllegalArgumentException if the text is not JSON or has no vocabulary
   */
  static PieceTable read(String json) {
    return read(json, PieceTable::readRoot);
  }

  /**
   * Reads a {@code vocab.json}: one object of pieces and ids.
   *
   * @throws IllegalArgumentException if it is not that
   */
  static PieceTable readVocabulary(String json) {
    return read(json, PieceTable::readVocabulary);
  }

  private static PieceTable read(String json, Part part) {
    PieceTable table = new PieceTable();
    try (JsonReader reader = new JsonReader(new StringReader(json))) {
      reader.setStrictness(Strictness.STRICT);
      part.read(table, reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new IllegalArgumentException("more follows after the end of the JSON object");
      }
    } catch (IOException | IllegalStateException | NumberFormatException | JsonParseException e) {
      throw new IllegalArgumentException("not a valid vocabulary: " + e.getMessage(), e);
    }
    if (table.size == 0) {
      throw new IllegalArgumentException("no pieces: expected a vocabulary with at least one");
    }
    return table;
  }

  private void readRoot(JsonReader reader) throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      switch (reader.nextName()) {
        case "added_tokens" -> readAddedTokens(reader);
        case "model" -> readModel(reader);
        case "normalizer", "pre_tokenizer", "post_processor", "decoder" ->
            LibraryLimits.check(JsonParser.parseReader(reader));
        default -> check(reader);
      }
    }
    reader.endObject();
  }

  private void readModel(JsonReader reader) throws IOException {
    boolean merges = false;
    String continuation = "";
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (name.equals("vocab")) {
        if (reader.peek() == JsonToken.BEGIN_ARRAY) {
          readUnigramPieces(reader);
        } else {
          readVocabulary(reader);
        }
      } else if (name.equals("continuing_subword_prefix") && reader.peek() == JsonToken.STRING) {
        continuation = reader.nextString();
      } else {
        merges |= name.equals("merges");
        check(reader);
      }
    }
    reader.endObject();
    if (merges && !continuation.isEmpty()) {
      // Merges without the prefix would end the process in the library.
      throw new IllegalArgumentException(
          "BPE with the continuing_subword_prefix '" + continuation + "' is not supported");
    }
  }

  private void readVocabulary(JsonReader reader) throws IOException {
    reader.beginObject();
    while (reader.hasNext()) {
      String piece = reader.nextName();
      put(reader.nextInt(), piece);
    }
    reader.endObject();
  }

  private void readUnigramPieces(JsonReader reader) throws IOException {
    reader.beginArray();
    for (int id = 0; reader.hasNext(); id++) {
      reader.beginArray();
      put(id, reader.nextString());
      check(reader); // the score
      reader.endArray();
    }
    reader.endArray();
  }

  private void readAddedTokens(JsonReader reader) throws IOException {
    if (reader.peek() == JsonToken.NULL) {
      reader.nextNull();
      return;
    }
    reader.beginArray();
    while (reader.hasNext()) {
      OptionalInt id = OptionalInt.empty();
      Optional<String> content = Optional.empty();
      reader.beginObject();
      while (reader.hasNext()) {
        switch (reader.nextName()) {
          case "id" -> id = OptionalInt.of(reader.nextInt());
          case "content" -> content = Optional.of(reader.nextString());
          default -> check(reader);
        }
      }
      reader.endObject();
      if (id.isEmpty() || content.isEmpty()) {
        throw new IllegalArgumentException("an entry of 'added_tokens' lacks 'id' or 'content'");
      }
      put(id.getAsInt(), content.get());
    }
    reader.endArray();
  }

  /**
   * Passes over a value, and over nothing that JSON does not allow: in certain places the library
   * ends the process where it finds a number out of range or half a character.
   */
  private static void check(JsonReader reader) throws IOException {
    switch (reader.peek()) {
      case BEGIN_ARRAY -> {
        reader.beginArray();
        while (reader.hasNext()) {
          check(reader);
        }
        reader.endArray();
      }
      case BEGIN_OBJECT -> {
        reader.beginObject();
        while (reader.hasNext()) {
          var _ = reader.nextName();
          check(reader);
        }
        reader.endObject();
      }
      case STRING -> {
        var _ = reader.nextString(); // skipping would not look at it
      }
      case NUMBER -> {
        String number = reader.nextString();
        if (Double.isInfinite(Double.parseDouble(number))) {
          throw new IllegalArgumentException("the number " + number + " is out of range");
        }
      }
      default -> reader.skipValue();
    }
  }

  private void put(int id, String piece) {
    if (id < 0 || id >= MAX_ID) {
      throw new IllegalArgumentException(
          "piece '" + piece + "' has id " + id + ", expected 0 to " + (MAX_ID - 1));
    }
    if (id >= pieces.length) {
      pieces = Arrays.copyOf(pieces, Math.max(id + 1, 2 * pieces.length));
    }
    pieces[id] = piece;
    ids.put(piece, id);
    size = Math.max(size, id + 1);
  }

  /** One more than the largest id. */
  int size() {
    return size;
  }

  /** The piece of an id; empty text for an id in a gap or beyond the end. */
  String piece(int id) {
    return id >= 0 && id < size && pieces[id] != null ? pieces[id] : "";
  }

  /** The pieces by id; empty text in gaps. */
  List<String> pieces() {
    List<String> list = new ArrayList<>(size);
    for (int id = 0; id < size; id++) {
      list.add(piece(id));
    }
    return list;
  }

  /** Every text that is a piece, in no order. */
  Set<String> texts() {
    return ids.keySet();
  }

  /** The id of a piece. */
  OptionalInt id(String piece) {
    Integer id = ids.get(piece);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
