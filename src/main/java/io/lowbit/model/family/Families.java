// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model.family;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.FormatException;
import io.lowbit.model.Blueprint;
import io.lowbit.model.Configuration;
import io.lowbit.text.NearestName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The model families Lowbit knows. */
public final class Families {
  private static final List<String> ARCHITECTURES =
      List.of("LlamaForCausalLM", "MistralForCausalLM");
  private static final List<String> GGUF_ARCHITECTURES = List.of("llama");

  private Families() {}

  /**
   * Reads the configuration that belongs to a checkpoint.
   *
   * @throws FormatException if the architecture, or one of its options, is not known
   */
  public static Blueprint read(Checkpoint checkpoint) {
    try {
      return Files.isDirectory(checkpoint.source())
          ? readHuggingFace(checkpoint.source())
          : readGguf(checkpoint);
    } catch (IllegalArgumentException e) {
      throw new FormatException(checkpoint.source() + ": " + e.getMessage(), e);
    }
  }

  private static Blueprint readGguf(Checkpoint checkpoint) {
    String source = checkpoint.source().toString();
    if (!(checkpoint.metadata().get("general.architecture") instanceof String architecture)) {
      throw new FormatException(
          source
              + ": the metadata name no 'general.architecture'; a model is a .gguf file that has one, or a folder with config.json");
    }
    if (!architecture.equals("llama")) {
      throw unknown(source, architecture, GGUF_ARCHITECTURES);
    }
    return GgufLlama.read(
        Configuration.ofMetadata(source, checkpoint.metadata(), architecture + "."), checkpoint);
  }

  private static Blueprint readHuggingFace(Path folder) {
    Path file = folder.resolve("config.json");
    JsonObject json = parse(file);
    Configuration config = Configuration.ofJson(file.toString(), json);
    String architecture = architecture(file, json);
    return switch (architecture) {
      case "LlamaForCausalLM", "MistralForCausalLM" -> Llama.read(config);
      default -> throw unknown(file.toString(), architecture, ARCHITECTURES);
    };
  }

  private static String architecture(Path file, JsonObject json) {
    if (json.get("architectures") instanceof JsonArray names
        && !names.isEmpty()
        && names.get(0) instanceof JsonPrimitive name
        && name.isString()) {
      return name.getAsString();
    }
    throw new FormatException(
        file
            + ": the option 'architectures' is %s; expected a list with one name"
                .formatted(json.has("architectures") ? json.get("architectures") : "missing"));
  }

  private static JsonObject parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new FormatException(
          file + ": not found; a model folder needs its config.json beside the weights");
    }
    try {
      return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new FormatException(file + ": not a JSON object: " + e.getMessage(), e);
    } catch (CharacterCodingException e) {
      throw new FormatException(file + ": not a JSON object: it is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          new IOException(file + ": cannot be read (" + e.getMessage() + ")", e));
    }
  }

  private static FormatException unknown(String source, String architecture, List<String> known) {
    String nearest =
        NearestName.of(architecture, known).map(n -> "; the nearest is '" + n + "'").orElse("");
    return new FormatException(
        "%s: the architecture '%s' is not known%s; known: %s"
            .formatted(source, architecture, nearest, String.join(", ", known)));
  }
}
