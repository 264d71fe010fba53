// SPDX-License-Identifier: Apache-2.0
package io.lowbit.quant;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.lowbit.quant.IntegerGrid.Symmetry;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Canonical JSON of {@link Scheme}: records and content keys hold it, so its bytes must not change
 * for a scheme that already has results. Keys are in alphabetical order; a part that is absent is
 * null; a group size of 0 is the whole row or head.
 */
final class SchemeJson {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

  private SchemeJson() {}

  static String write(Scheme scheme) {
    JsonObject json = new JsonObject();
    json.add("activations", orNull(scheme.activations(), SchemeJson::write));
    json.addProperty("base", scheme.base().map(SchemeText::name).orElse(null));
    json.add("cache", orNull(scheme.cache(), SchemeJson::write));
    json.addProperty("stored", scheme.stored());
    json.add("weights", orNull(scheme.weights(), SchemeJson::write));
    return GSON.toJson(json);
  }

  private static JsonObject write(ActivationScheme activations) {
    JsonObject json = new JsonObject();
    json.addProperty("arithmetic", text(activations.arithmetic()));
    json.addProperty("bits", activations.bits());
    json.addProperty("calibrated", activations.calibrated());
    json.addProperty("symmetric", activations.symmetric());
    return json;
  }

  private static JsonObject write(CacheScheme cache) {
    JsonObject json = new JsonObject();
    json.addProperty("arithmetic", text(cache.arithmetic()));
    json.addProperty("format", text(cache.format()));
    json.addProperty("groupSize", cache.groupSize());
    json.addProperty("keyBits", cache.keyBits());
    json.addProperty("keysPerChannel", cache.keysPerChannel());
    json.addProperty("scaleType", scaleText(cache.scaleType(), cache.arithmetic()));
    json.addProperty("valueBits", cache.valueBits());
    json.addProperty("window", cache.window());
    return json;
  }

  private static JsonObject write(WeightScheme weights) {
    JsonObject json = new JsonObject();
    JsonArray methods = new JsonArray();
    weights.methods().forEach(method -> methods.add(method.text()));
    switch (weights.format()) {
      case NamedFormat named -> {
        json.addProperty("format", named.text());
        json.add("methods", methods);
      }
      case IntegerGrid grid -> {
        json.addProperty("arithmetic", text(grid.arithmetic()));
        json.addProperty("bits", grid.bits());
        json.addProperty("format", "integer");
        json.addProperty("groupSize", grid.groupSize());
        json.add("methods", methods);
        json.addProperty("scaleType", scaleText(grid.scaleType(), grid.arithmetic()));
        json.addProperty("symmetry", text(grid.symmetry()));
      }
    }
    return json;
  }

  private static <T> JsonElement orNull(Optional<T> value, Function<T, JsonObject> write) {
    return value.<JsonElement>map(write).orElse(JsonNull.INSTANCE);
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String scaleText(DType type, Arithmetic arithmetic) {
    return arithmetic == Arithmetic.COMPAT ? "base" : SchemeText.name(type);
  }

  static Scheme read(String json) {
    try {
      Fields fields = new Fields("scheme", JsonParser.parseString(json));
      Scheme scheme =
          new Scheme(
              fields.flag("stored"),
              fields.part("base").map(e -> baseType(e.getAsString())),
              fields.part("weights").map(e -> readWeights(new Fields("weights", e))),
              fields.part("activations").map(e -> readActivations(new Fields("activations", e))),
              fields.part("cache").map(e -> readCache(new Fields("cache", e))));
      fields.requireNoMore();
      return scheme;
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      throw new IllegalArgumentException(
          "not the JSON of a scheme: " + json + "; expected what canonicalJson() writes", e);
    }
  }

  private static WeightScheme readWeights(Fields fields) {
    List<WeightMethod> methods = new ArrayList<>();
    for (JsonElement method : fields.get("methods").getAsJsonArray()) {
      methods.add(constant(WeightMethod.class, method.getAsString()));
    }
    String format = fields.get("format").getAsString();
    WeightFormat kind =
        format.equals("integer")
            ? new IntegerGrid(
                fields.number("bits"),
                fields.number("groupSize"),
                fields.choice("symmetry", Symmetry.class),
                scaleType(fields.get("scaleType").getAsString()),
                fields.choice("arithmetic", Arithmetic.class))
            : constant(NamedFormat.class, format);
    fields.requireNoMore();
    return new WeightScheme(kind, methods);
  }

  private static ActivationScheme readActivations(Fields fields) {
    ActivationScheme activations =
        new ActivationScheme(
            fields.number("bits"),
            fields.flag("symmetric"),
            fields.flag("calibrated"),
            fields.choice("arithmetic", Arithmetic.class));
    fields.requireNoMore();
    return activations;
  }

  private static CacheScheme readCache(Fields fields) {
    CacheScheme cache =
        new CacheScheme(
            fields.choice("format", CacheScheme.Format.class),
            fields.number("keyBits"),
            fields.number("valueBits"),
            fields.number("groupSize"),
            fields.number("window"),
            fields.flag("keysPerChannel"),
            scaleType(fields.get("scaleType").getAsString()),
            fields.choice("arithmetic", Arithmetic.class));
    fields.requireNoMore();
    return cache;
  }

  private static DType baseType(String name) {
    return Optional.ofNullable(SchemeText.BASES.get(name))
        .orElseThrow(() -> new IllegalArgumentException("unknown base type '" + name + "'"));
  }

  /** Compat's "base" is written as the fp16 that no {@code -s32} means. */
  private static DType scaleType(String name) {
    return name.equals("base") ? DType.F16 : baseType(name);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String name) {
    for (E value : type.getEnumConstants()) {
      if (text(value).equals(name)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "unknown %s '%s' in the JSON of a scheme".formatted(type.getSimpleName(), name));
  }

  /** The fields of one object; each is taken once and none may be left over. */
  private record Fields(String where, JsonObject json, Set<String> left) {
    Fields(String where, JsonElement json) {
      this(where, json.getAsJsonObject(), new TreeSet<>(json.getAsJsonObject().keySet()));
    }

    JsonElement get(String name) {
      if (!left.remove(name)) {
        throw new IllegalArgumentException(
            "the JSON of a scheme lacks '%s' in its %s".formatted(name, where));
      }
      return json.get(name);
    }

    Optional<JsonElement> part(String name) {
      return Optional.of(get(name)).filter(element -> !element.isJsonNull());
    }

    int number(String name) {
      return get(name).getAsInt();
    }

    boolean flag(String name) {
      return get(name).getAsBoolean();
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
      return constant(type, get(name).getAsString());
    }

    void requireNoMore() {
      if (!left.isEmpty()) {
        throw new IllegalArgumentException(
            "the JSON of a scheme has unknown fields %s in its %s".formatted(left, where));
      }
    }
  }
}
