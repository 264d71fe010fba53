// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as values for a template's context, numbers read as Python reads them. */
public final class JsonValues {
  private JsonValues() {}

  /** An object's members, in their order. */
  public static Map<String, Object> map(JsonObject object) {
    Map<String, Object> map = new LinkedHashMap<>();
    object.asMap().forEach((key, item) -> map.put(key, value(item)));
    return map;
  }

  /** One value: null, Boolean, String, BigInteger, Double, List or Map. */
  public static Object value(JsonElement json) {
    return switch (json) {
      case JsonObject object -> map(object);
      case JsonArray array -> {
        List<Object> list = new ArrayList<>(array.size());
        array.forEach(item -> list.add(value(item)));
        yield list;
      }
      case JsonPrimitive p when p.isBoolean() -> p.getAsBoolean();
      case JsonPrimitive p when p.isString() -> p.getAsString();
      case JsonPrimitive p -> number(p.getAsString());
      default -> null;
    };
  }

  /** A point or an exponent makes a float, as in Python; other numbers are integers. */
  private static Object number(String digits) {
    boolean real = digits.chars().anyMatch(c -> "0123456789-".indexOf(c) < 0);
    return real ? (Object) Double.valueOf(digits) : new BigInteger(digits);
  }
}
