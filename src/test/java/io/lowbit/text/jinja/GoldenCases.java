// SPDX-License-Identifier: Apache-2.0
package io.lowbit.text.jinja;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lines of the golden files, and how an outcome is compared with what they expect. */
final class GoldenCases {
  private GoldenCases() {}

  static List<JsonObject> read(Path file) {
    try {
      return Files.readAllLines(file).stream()
          .map(line -> JsonParser.parseString(line).getAsJsonObject())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a rendering differs from what a golden line expects; empty if it does not. */
  static String difference(JsonObject golden, Outcome outcome) {
    if (golden.has("rendered")) {
      String expected = golden.get("rendered").getAsString();
      return expected.equals(outcome.text())
          ? ""
          : "expected " + Text.quoted(expected) + "\n     got " + outcome;
    }
    String kind = golden.get("error_kind").getAsString();
    String message = golden.get("error").getAsString();
    boolean sameKind = outcome.failure() != null && outcome.failure().kind().label().equals(kind);
    boolean sameMessage = !kind.equals("raised") || message.equals(outcome.reason());
    return sameKind && sameMessage
        ? ""
        : "expected " + kind + ": " + message + "\n     got " + outcome;
  }

  /** What a rendering gave: a text, or a failure. */
  record Outcome(String text, TemplateException failure) {
    interface Rendering {
      String render();
    }

    static Outcome of(Rendering rendering) {
      try {
        return new Outcome(rendering.render(), null);
      } catch (TemplateException e) {
        return new Outcome(null, e);
      }
    }

    String reason() {
      return failure.reason();
    }

    @Override
    public String toString() {
      return failure == null
          ? Text.quoted(text)
          : failure.kind().label() + ": " + failure.getMessage();
    }
  }
}
