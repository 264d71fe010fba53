// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * One thing that the doctor looked at.
 *
 * @param level whether it is in order
 * @param subject one or two words
 * @param text what is there and, if it is not in order, what to do
 */
public record Finding(Level level, String subject, String text) {
  /** Whether something is in order. */
  public enum Level {
    /** In order. */
    OK,
    /** Lowbit runs, with less than it could have. */
    WARN,
    /** Something that Lowbit needs is broken. */
    FAIL
  }

  /** One line each. */
  public static String text(List<Finding> findings) {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(
          "%-4s  %-15s  %s%n"
              .formatted(name(finding.level), finding.subject, finding.text.replace("\n", " ")));
    }
    return text.toString();
  }

  /** An array of objects with {@code level}, {@code subject} and {@code text}. */
  public static String json(List<Finding> findings) {
    JsonArray array = new JsonArray();
    for (Finding finding : findings) {
      JsonObject object = new JsonObject();
      object.addProperty("level", name(finding.level));
      object.addProperty("subject", finding.subject);
      object.addProperty("text", finding.text);
      array.add(object);
    }
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(array);
  }

  private static String name(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }
}
