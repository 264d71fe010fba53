// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.lowbit.format.FormatException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The options of a model's configuration. It remembers which options were read, so that {@link
 * #refuseUnread} can name those that would have been ignored: an option that we do not know must
 * stop the run, not change its meaning.
 */
public final class Configuration {
  private final String source;
  private final Map<String, Object> options;
  private final Set<String> read = new TreeSet<>();

  private Configuration(String source, Map<String, Object> options) {
    this.source = source;
    this.options = options;
  }

  /**
   * Options of a {@code config.json}; nested objects become options with dotted names.
   *
   * @param source name of the file, for messages
   */
  public static Configuration ofJson(String source, JsonObject json) {
    Map<String, Object> options = new TreeMap<>();
    flatten("", json, options);
    return new Configuration(source, options);
  }

  private static void flatten(String prefix, JsonObject json, Map<String, Object> into) {
    for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
      String name = prefix + entry.getKey();
      JsonElement value = entry.getValue();
      if (value instanceof JsonObject object) {
        flatten(name + ".", object, into);
      } else if (value instanceof JsonArray array) {
        into.put(name, array.asList());
      } else if (!value.isJsonNull()) {
        var primitive = value.getAsJsonPrimitive();
        into.put(
            name,
            primitive.isBoolean()
                ? (Object) primitive.getAsBoolean()
                : primitive.isNumber()
                    ? (Object) primitive.getAsDouble()
                    : primitive.getAsString());
      }
    }
  }

  /**
   * Metadata of a GGUF file whose keys begin with {@code prefix}, which is cut off.
   *
   * @param source name of the file, for messages
   */
  public static Configuration ofMetadata(
      String source, Map<String, Object> metadata, String prefix) {
    Map<String, Object> options = new TreeMap<>();
    metadata.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        options.put(key.substring(prefix.length()), value);
      }
    });
    return new Configuration(source, options);
  }

  /** Name of the file, for messages. */
  public String source() {
    return source;
  }

  /** Whether the option is present and not null. */
  public boolean has(String name) {
    return options.containsKey(name);
  }

  /** A whole number that must be present. */
  public int integer(String name) {
    return optionalInteger(name).orElseThrow(() -> missing(name, "a whole number"));
  }

  /** A whole number, if present. */
  public OptionalInt optionalInteger(String name) {
    Object value = take(name);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (value instanceof Number number
        && number.doubleValue() == Math.rint(number.doubleValue())
        && Math.abs(number.doubleValue()) <= Integer.MAX_VALUE) {
      return OptionalInt.of(number.intValue());
    }
    throw wrong(name, value, "a whole number below 2^31");
  }

  /** A finite number that must be present. */
  public double number(String name) {
    return optionalNumber(name).orElseThrow(() -> missing(name, "a number"));
  }

  /** A finite number, if present. */
  public OptionalDouble optionalNumber(String name) {
    Object value = take(name);
    if (value == null) {
      return OptionalDouble.empty();
    }
    if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
      return OptionalDouble.of(number.doubleValue());
    }
    throw wrong(name, value, "a finite number");
  }

  /** A yes or no, {@code otherwise} if absent. */
  public boolean flag(String name, boolean otherwise) {
    Object value = take(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(name, value, "true or false");
  }

  /** A text, {@code otherwise} if absent. */
  public String text(String name, String otherwise) {
    Object value = take(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof String text) {
      return text;
    }
    throw wrong(name, value, "a text");
  }

  /** Declares options that do not change what the model computes. */
  public void ignore(String... names) {
    read.addAll(List.of(names));
  }

  /**
   * Names the options that nobody read.
   *
   * @throws FormatException if there are any
   */
  public void refuseUnread(String family) {
    Set<String> unread = new TreeSet<>(options.keySet());
    unread.removeAll(read);
    if (!unread.isEmpty()) {
      throw new FormatException(
          "%s: the option%s %s of a %s model %s not known to Lowbit, so the model would be run wrong"
              .formatted(
                  source,
                  unread.size() == 1 ? "" : "s",
                  String.join(
                      ", ", unread.stream().map(n -> "'" + n + "' = " + options.get(n)).toList()),
                  family,
                  unread.size() == 1 ? "is" : "are"));
    }
  }

  private Object take(String name) {
    read.add(name);
    return options.get(name);
  }

  private FormatException missing(String name, String expected) {
    return new FormatException(
        "%s: the option '%s' is missing; expected %s".formatted(source, name, expected));
  }

  private FormatException wrong(String name, Object value, String expected) {
    return new FormatException(
        "%s: the option '%s' is %s; expected %s".formatted(source, name, value, expected));
  }
}
