// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Where numbers come from.
 *
 * @param facts by name, in the order in which they are printed
 */
public record Provenance(Map<String, String> facts) {
  private static final int PATIENCE_SECONDS = 10;
  private static final String CLOCKS = "clocks.sm,clocks.mem,power.draw,temperature.gpu";

  /** Keeps the order. */
  public Provenance {
    facts = new LinkedHashMap<>(facts);
  }

  /**
   * This program, now.
   *
   * @param program its name, version and commit
   * @param device what runs the kernels
   */
  public static Provenance of(String program, String device) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("program", program);
    facts.put("device", device);
    facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return new Provenance(facts);
  }

  /** The same with another fact. */
  Provenance with(String name, String value) {
    Provenance more = new Provenance(facts);
    more.facts.put(name, value);
    return more;
  }

  /** Clocks, power and temperature as {@code nvidia-smi} tells them; empty where there is none. */
  static String clocks() {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=" + CLOCKS, "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
        return "";
      }
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.exitValue() == 0 ? CLOCKS + ": " + text.replace("\n", "; ") : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  String text() {
    StringBuilder text = new StringBuilder();
    facts.forEach((name, value) -> text.append("%s: %s%n".formatted(name, value)));
    return text.toString();
  }

  JsonObject json() {
    JsonObject object = new JsonObject();
    facts.forEach(object::addProperty);
    return object;
  }
}
