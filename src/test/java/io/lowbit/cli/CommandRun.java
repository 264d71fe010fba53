// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import picocli.CommandLine;

/** A command's output, and numbers in it. */
final class CommandRun {
  private CommandRun() {}

  /** What the command prints; it must succeed. */
  static String text(Object command, String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(command).setOut(new PrintWriter(out));
    line.setExecutionExceptionHandler((exception, _, _) -> {
      throw exception;
    });
    assertEquals(line.execute(arguments), 0, out.toString());
    return out.toString();
  }

  /** Strict JSON: no NaN. */
  static JsonElement json(Object command, String... arguments) {
    JsonReader reader = new JsonReader(new StringReader(text(command, arguments)));
    reader.setStrictness(Strictness.STRICT);
    return JsonParser.parseReader(reader);
  }

  /** The element at a path of names and positions, such as {@code pooled.0.value}. */
  static JsonElement at(JsonElement element, String path) {
    JsonElement here = element;
    for (String step : path.split("\\.", -1)) {
      here =
          here.isJsonArray()
              ? here.getAsJsonArray().get(Integer.parseInt(step))
              : here.getAsJsonObject().get(step);
    }
    return here;
  }

  /** Number or interval at a path against the expected one, relatively. */
  static void near(JsonElement actual, String path, JsonElement expected, double relative) {
    JsonElement found = at(actual, path);
    boolean isUndefined =
        expected.isJsonNull()
            || (expected.isJsonPrimitive() && expected.getAsString().equals("NaN"));
    assertEquals(found.isJsonNull(), isUndefined, path + " is undefined");
    if (isUndefined) {
      return;
    }
    if (expected.isJsonArray()) {
      near(found, "low", expected.getAsJsonArray().get(0), relative);
      near(found, "high", expected.getAsJsonArray().get(1), relative);
      return;
    }
    double wanted = expected.getAsDouble();
    assertEquals(found.getAsDouble(), wanted, relative * Math.abs(wanted) + 1e-15, path);
  }
}
