// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.lowbit.text.TokenizerJson.AddedToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** What the small files beside a vocabulary say about it. All of them may be absent. */
final class TokenizerConfiguration {
  /** Classes that put BOS and EOS around a text by configuration, whatever tokenizer.json says. */
  private static final Set<String> FRAMED_BY_CONFIGURATION =
      Set.of("LlamaTokenizer", "CodeLlamaTokenizer", "GemmaTokenizer");

  private final Path folder;
  private final JsonObject tokenizer;
  private final JsonObject specialTokens;
  private final JsonObject generation;
  private final JsonObject model;

  private TokenizerConfiguration(Path folder) throws IOException {
    this.folder = folder;
    this.tokenizer = readObject(folder.resolve("tokenizer_config.json"));
    this.specialTokens = readObject(folder.resolve("special_tokens_map.json"));
    this.generation = readObject(folder.resolve("generation_config.json"));
    this.model = readObject(folder.resolve("config.json"));
  }

  static TokenizerConfiguration read(Path folder) throws IOException {
    return new TokenizerConfiguration(folder);
  }

  private static JsonObject readObject(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new JsonObject();
    }
    try {
      JsonElement root = JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8));
      if (root.isJsonObject()) {
        return root.getAsJsonObject();
      }
    } catch (JsonParseException e) {
      throw new IllegalArgumentException(file + ": not valid JSON: " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(file + ": expected a JSON object");
  }

  /** Whether the class of the tokenizer makes {@code add_bos_token} decide about the frame. */
  boolean framedByConfiguration() {
    String name = text(tokenizer, "tokenizer_class").orElse("");
    return FRAMED_BY_CONFIGURATION.contains(
        name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name);
  }

  /** A switch of tokenizer_config.json; empty if absent or null. */
  Optional<Boolean> flag(String name) {
    JsonElement value = tokenizer.get(name);
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean()
        ? Optional.of(value.getAsBoolean())
        : Optional.empty();
  }

  /**
   * The id of a special token such as {@code bos_token}: by its text from tokenizer_config.json,
   * else special_tokens_map.json; only where neither file exists by its id from config.json. (A
   * configuration that leaves it out says that there is none.)
   *
   * @throws IllegalArgumentException if the token that is named is not in the vocabulary
   */
  OptionalInt id(String name, Function<String, OptionalInt> idOf) {
    Optional<String> content = token(name);
    if (content.isPresent()) {
      OptionalInt id = idOf.apply(content.get());
      if (id.isEmpty()) {
        throw new IllegalArgumentException(
            "%s: %s is '%s', which is not in the vocabulary"
                .formatted(folder.resolve("tokenizer_config.json"), name, content.get()));
      }
      return id;
    }
    if (!tokenizer.isEmpty() || !specialTokens.isEmpty()) {
      return OptionalInt.empty();
    }
    return ids(model, name + "_id").stream().mapToInt(Integer::intValue).findFirst();
  }

  /** The text of a special token such as {@code bos_token}. */
  Optional<String> token(String name) {
    return text(tokenizer, name).or(() -> text(specialTokens, name));
  }

  /** The ids that end an answer by generation_config.json, else by config.json; in order. */
  Set<Integer> stops() {
    Set<Integer> stops = ids(generation, "eos_token_id");
    return stops.isEmpty() ? ids(model, "eos_token_id") : stops;
  }

  /** Added tokens of {@code added_tokens_decoder}. */
  List<AddedToken> added() {
    List<AddedToken> added = new ArrayList<>();
    if (tokenizer.get("added_tokens_decoder") instanceof JsonObject entries) {
      for (Map.Entry<String, JsonElement> entry : entries.entrySet()) {
        Optional<String> content = content(entry.getValue());
        if (content.isEmpty() || !entry.getKey().matches("\\d{1,8}")) {
          throw new IllegalArgumentException(
              folder.resolve("tokenizer_config.json")
                  + ": added_tokens_decoder entry '"
                  + entry.getKey()
                  + "' is not an id with a 'content'");
        }
        JsonElement special = entry.getValue().getAsJsonObject().get("special");
        added.add(
            new AddedToken(
                Integer.parseInt(entry.getKey()),
                content.get(),
                special != null && special.isJsonPrimitive() && special.getAsBoolean()));
      }
    }
    return added;
  }

  /** Source of the chat template: its own file, else tokenizer_config.json. */
  Optional<String> chatTemplate() throws IOException {
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(Files.readString(file, StandardCharsets.UTF_8));
    }
    JsonElement template = tokenizer.get("chat_template");
    if (template instanceof JsonArray named) {
      // Several by name; "default" is the one for a plain conversation.
      for (JsonElement entry : named) {
        if (entry instanceof JsonObject object
            && text(object, "name").equals(Optional.of("default"))) {
          return text(object, "template");
        }
      }
      return Optional.empty();
    }
    return text(tokenizer, "chat_template");
  }

  private static Optional<String> text(JsonObject object, String name) {
    return content(object.get(name));
  }

  /** A token is written as its text or as an object with a {@code content}. */
  private static Optional<String> content(JsonElement value) {
    if (value instanceof JsonObject object) {
      return content(object.get("content"));
    }
    return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
        ? Optional.of(value.getAsString())
        : Optional.empty();
  }

  private static Set<Integer> ids(JsonObject object, String name) {
    Set<Integer> ids = new LinkedHashSet<>();
    JsonElement value = object.get(name);
    if (value instanceof JsonArray list) {
      list.forEach(entry -> addId(entry, ids));
    } else if (value != null) {
      addId(value, ids);
    }
    return ids;
  }

  private static void addId(JsonElement value, Set<Integer> ids) {
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() && value.getAsInt() >= 0) {
      ids.add(value.getAsInt());
    }
  }
}
