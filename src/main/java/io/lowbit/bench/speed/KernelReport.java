// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What was timed on a device.
 *
 * @param provenance where the numbers come from
 * @param results in the order in which they were measured
 * @param dropped what was not measured
 * @param peers other programs' times
 */
public record KernelReport(
    Provenance provenance, List<Result> results, List<Dropped> dropped, Peers peers) {
  private static final int LISTED = 40;

  /**
   * What was not measured.
   *
   * @param name of the entry
   * @param reason why
   * @param failure whether it should have been possible
   */
  public record Dropped(String name, String reason, boolean failure) {}

  /** Whether something was measured, everything worked and the numbers that came out are right. */
  public boolean passed() {
    return !results.isEmpty()
        && results.stream().noneMatch(Result::isWrong)
        && dropped.stream().noneMatch(Dropped::failure);
  }

  /** Bandwidth of a device copy in this run, read and written, in GB/s. */
  public OptionalDouble copyGigabytesPerSecond() {
    return results.stream()
        .filter(result -> result.problem().equals(CeilingEntries.COPY))
        .mapToDouble(Result::gigabytesPerSecond)
        .findFirst();
  }

  private OptionalDouble percentOfCopy(Result result) {
    OptionalDouble copy = copyGigabytesPerSecond();
    return copy.isEmpty() || result.problem().startsWith("ceiling/")
        ? OptionalDouble.empty()
        : OptionalDouble.of(100 * result.gigabytesPerSecond() / copy.getAsDouble());
  }

  /** Tables by kind, what was left out, and a verdict. */
  public String text() {
    StringBuilder text = new StringBuilder(provenance.text());
    if (!peers.byProblem().isEmpty()) {
      text.append("peers: %s on %s%n".formatted(peers.program(), peers.device()));
    }
    text.append(
        "%n%-26s %-12s %10s %8s %7s %8s  %-8s %s%n"
            .formatted("problem", "scheme", "us", "GB/s", "% copy", "TFLOP/s", "error", ratio()));
    for (Result result : results) {
      text.append(
          "%-26s %-12s %10.2f %8.0f %7s %8s  %-8s %s"
                  .formatted(
                      result.problem(),
                      result.variant(),
                      result.microseconds(),
                      result.gigabytesPerSecond(),
                      optional("%.0f", percentOfCopy(result)),
                      result.operations() == 0 ? "" : "%.1f".formatted(result.teraflops()),
                      optional("%.1e", result.relativeError()),
                      remark(result))
                  .stripTrailing()
              + "\n");
    }
    appendDropped(text);
    return text.append("\n%s\n".formatted(verdict())).toString();
  }

  private String ratio() {
    return peers.byProblem().isEmpty() ? "" : "peer's time / ours";
  }

  private String remark(Result result) {
    String wrong = result.isWrong() ? "WRONG " : "";
    return wrong + peers.briefRatios(result.problem(), result.microseconds());
  }

  private void appendDropped(StringBuilder text) {
    dropped.stream()
        .filter(Dropped::failure)
        .forEach(d -> text.append("%nFAILED %s: %s%n".formatted(d.name, d.reason)));
    List<Dropped> left = dropped.stream().filter(d -> !d.failure()).toList();
    if (!left.isEmpty()) {
      text.append("%n%d left out:%n".formatted(left.size()));
      left.stream()
          .limit(LISTED)
          .forEach(d -> text.append("  %s: %s%n".formatted(d.name, d.reason)));
      if (left.size() > LISTED) {
        text.append("  and %d more, all in --out%n".formatted(left.size() - LISTED));
      }
    }
  }

  private String verdict() {
    long wrong = results.stream().filter(Result::isWrong).count();
    long failed = dropped.stream().filter(Dropped::failure).count();
    return passed()
        ? "%,d measurements.".formatted(results.size())
        : "%,d measurements; %d with wrong results, %d failed."
            .formatted(results.size(), wrong, failed);
  }

  private static String optional(String format, OptionalDouble value) {
    return value.isPresent() ? format.formatted(value.getAsDouble()) : "";
  }

  /** The same as a document. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# Kernel speed\n\n");
    provenance
        .facts()
        .forEach(
            (name, value) -> text.append("- %s: %s%n".formatted(name, value.replace("|", "\\|"))));
    boolean compared = !peers.byProblem().isEmpty();
    if (compared) {
      text.append("- peers: %s on %s%n".formatted(peers.program(), peers.device()));
    }
    text.append(
        "\n| problem | scheme | µs | GB/s | % of copy | TFLOP/s | relative error |"
            + (compared ? " peer's time / ours |" : "")
            + "\n|---|---|--:|--:|--:|--:|--:|"
            + (compared ? "---|" : "")
            + "\n");
    for (Result result : results) {
      text.append(
          "| %s | %s | %.2f | %.0f | %s | %s | %s |"
              .formatted(
                  result.problem(),
                  result.variant(),
                  result.microseconds(),
                  result.gigabytesPerSecond(),
                  optional("%.0f", percentOfCopy(result)),
                  result.operations() == 0 ? "" : "%.1f".formatted(result.teraflops()),
                  (result.isWrong() ? "**wrong** " : "")
                      + optional("%.1e", result.relativeError())));
      text.append(
          compared
              ? " %s |%n".formatted(peers.ratios(result.problem(), result.microseconds()))
              : "\n");
    }
    if (!dropped.isEmpty()) {
      text.append("\nNot measured:\n\n");
      dropped.forEach(d -> text.append("- %s: %s%n".formatted(d.name, d.reason)));
    }
    return text.toString();
  }

  /** The same as an object in the form that {@link Peers} reads. */
  public String json() {
    JsonObject root = new JsonObject();
    root.addProperty("schema", Peers.SCHEMA);
    root.add("provenance", provenance.json());
    JsonArray list = new JsonArray();
    results.forEach(result -> list.add(json(result)));
    root.add("results", list);
    JsonArray left = new JsonArray();
    for (Dropped item : dropped) {
      JsonObject object = new JsonObject();
      object.addProperty("name", item.name);
      object.addProperty("reason", item.reason);
      object.addProperty("failure", item.failure);
      left.add(object);
    }
    root.add("dropped", left);
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(root);
  }

  private JsonObject json(Result result) {
    JsonObject object = new JsonObject();
    object.addProperty("problem", result.problem());
    object.addProperty("variant", result.variant());
    JsonObject dimensions = new JsonObject();
    result.dimensions().forEach(dimensions::addProperty);
    object.add("dimensions", dimensions);
    object.addProperty("microseconds", result.microseconds());
    object.addProperty("bytes", result.bytes());
    object.addProperty("gigabytes_per_second", result.gigabytesPerSecond());
    percentOfCopy(result).ifPresent(p -> object.addProperty("percent_of_copy", p));
    if (result.operations() > 0) {
      object.addProperty("teraflops", result.teraflops());
    }
    result
        .relativeError()
        .ifPresent(error -> {
          // JSON has no NaN and no infinity; they are written as text.
          if (Double.isFinite(error)) {
            object.addProperty("relative_error", error);
          } else {
            object.addProperty("relative_error", Double.toString(error));
          }
        });
    object.addProperty("calls", result.calls());
    object.addProperty("copies", result.copies());
    object.addProperty("replays", result.replays());
    peers
        .best(result.problem())
        .ifPresent(best -> {
          object.addProperty("best_peer", best.variant());
          object.addProperty("best_peer_ratio", best.microseconds() / result.microseconds());
        });
    return object;
  }
}
