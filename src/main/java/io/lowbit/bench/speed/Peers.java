// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What other programs took for the same problems, from a file that {@code src/tools/gpu/peers.py},
 * or {@code lowbit bench kernels --out} on another day, wrote.
 *
 * @param device what they ran on
 * @param program which they are
 * @param byProblem times of each problem
 */
public record Peers(String device, String program, Map<String, List<Time>> byProblem) {
  /** Version of the form of the files. */
  static final String SCHEMA = "lowbit-bench-1";

  /** No peers. */
  public static final Peers NONE = new Peers("", "", Map.of());

  /**
   * A peer's time.
   *
   * @param variant its name
   * @param microseconds of one call
   */
  public record Time(String variant, double microseconds) {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is no such file, with what is wrong in it
   */
  public static Peers read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      return of(JsonParser.parseReader(reader).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "%s: not a file of times (%s); peers.py and 'bench kernels --out' write such"
              .formatted(file, e.getMessage()),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  static Peers of(JsonObject root) {
    String schema = text(root, "schema", "the file");
    if (!schema.equals(SCHEMA)) {
      throw new IllegalArgumentException(
          "the schema is '%s', expected '%s'".formatted(schema, SCHEMA));
    }
    JsonObject provenance = root.getAsJsonObject("provenance");
    if (provenance == null || !(root.get("results") instanceof JsonArray results)) {
      throw new IllegalArgumentException(
          "the object 'provenance' or the list 'results' is missing");
    }
    Map<String, List<Time>> times = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      String where = "result " + i;
      JsonObject result = results.get(i).getAsJsonObject();
      JsonElement microseconds = result.get("microseconds");
      if (microseconds == null || !(microseconds.getAsDouble() > 0)) {
        throw new IllegalArgumentException(
            "%s has no microseconds above zero: %s".formatted(where, result));
      }
      times
          .computeIfAbsent(text(result, "problem", where), _ -> new ArrayList<>())
          .add(new Time(text(result, "variant", where), microseconds.getAsDouble()));
    }
    return new Peers(
        text(provenance, "device", "the provenance"),
        text(provenance, "program", "the provenance"),
        times);
  }

  private static String text(JsonObject object, String name, String where) {
    if (object.get(name) == null || !object.get(name).isJsonPrimitive()) {
      throw new IllegalArgumentException("%s has no '%s'".formatted(where, name));
    }
    return object.get(name).getAsString();
  }

  /** The fastest peer of a problem. */
  Optional<Time> best(String problem) {
    return byProblem.getOrDefault(problem, List.of()).stream()
        .min((a, b) -> Double.compare(a.microseconds(), b.microseconds()));
  }

  /** How many times faster we are than each peer, such as {@code torch.matmul 3.12x}. */
  String ratios(String problem, double microseconds) {
    return ratios(byProblem.getOrDefault(problem, List.of()), microseconds);
  }

  /** The same of the first peer, which is the plain 16-bit one, and of the fastest. */
  String briefRatios(String problem, double microseconds) {
    return ratios(
        Stream.concat(
                byProblem.getOrDefault(problem, List.of()).stream().limit(1),
                best(problem).stream())
            .distinct()
            .toList(),
        microseconds);
  }

  private static String ratios(List<Time> times, double microseconds) {
    return times.stream()
        .map(time -> "%s %.2fx".formatted(time.variant(), time.microseconds() / microseconds))
        .collect(Collectors.joining(", "));
  }
}
