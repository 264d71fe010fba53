// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.lowbit.bench.ConformanceCase.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the cases gave on one device.
 *
 * @param device one line
 * @param results in the order in which the cases ran
 */
public record SelftestReport(String device, List<Result> results) {
  /**
   * What a case gave.
   *
   * @param kernel its family
   * @param description of the case
   * @param outcome absent if it threw or was not run
   * @param problem why it failed, empty if it passed
   * @param seconds it took
   */
  public record Result(
      String kernel,
      String description,
      Optional<Outcome> outcome,
      String problem,
      double seconds) {
    static Result of(ConformanceCase item, Outcome outcome, double seconds) {
      String problem =
          outcome.passed()
              ? ""
              : "error %.4g, at most %.4g passes: %s"
                  .formatted(outcome.error(), outcome.tolerance(), outcome.detail());
      return new Result(item.kernel(), item.description(), Optional.of(outcome), problem, seconds);
    }

    static Result failed(ConformanceCase item, String problem, double seconds) {
      return new Result(item.kernel(), item.description(), Optional.empty(), problem, seconds);
    }

    boolean passed() {
      return problem.isEmpty();
    }

    /** Error over tolerance: up to 1 passes. Where only equal bits pass, 0 or infinite. */
    double share() {
      return outcome
          .map(o -> o.error() == 0 ? 0 : o.error() / o.tolerance())
          .orElse(passed() ? 0 : Double.NaN);
    }
  }

  /**
   * The cases of a kernel together.
   *
   * @param worst largest {@link Result#share}, NaN if a case gave none
   */
  record Family(String kernel, int cases, int passed, double worst, double seconds) {
    private static Family of(String kernel, List<Result> results) {
      double worst = 0;
      for (Result result : results) {
        worst = Math.max(worst, result.share());
      }
      return new Family(
          kernel,
          results.size(),
          (int) results.stream().filter(Result::passed).count(),
          worst,
          results.stream().mapToDouble(Result::seconds).sum());
    }
  }

  /** Whether there were cases and all passed. */
  public boolean passed() {
    return !results.isEmpty() && failures().isEmpty();
  }

  List<Result> failures() {
    return results.stream().filter(result -> !result.passed()).toList();
  }

  List<Family> families() {
    Map<String, List<Result>> byKernel = new LinkedHashMap<>();
    results.forEach(r -> byKernel.computeIfAbsent(r.kernel(), _ -> new ArrayList<>()).add(r));
    return byKernel.entrySet().stream().map(e -> Family.of(e.getKey(), e.getValue())).toList();
  }

  /** A table of the families, and every failure in full. */
  public String text() {
    StringBuilder text = new StringBuilder(device).append("\n\n");
    text.append(
        "%-24s %6s %6s  %15s  %8s%n"
            .formatted("kernel", "cases", "passed", "error/tolerance", "seconds"));
    for (Family family : families()) {
      text.append(
          "%-24s %6d %6d  %15.3f  %8.2f%n"
              .formatted(family.kernel, family.cases, family.passed, family.worst, family.seconds));
    }
    for (Result failure : failures()) {
      text.append(
          "%nFAILED %s: %s%n  %s%n"
              .formatted(failure.kernel(), failure.description(), failure.problem()));
    }
    String verdict =
        results.isEmpty()
            ? "There was no case to run."
            : failures().isEmpty()
                ? "All %,d cases passed.".formatted(results.size())
                : "%,d of %,d cases failed.".formatted(failures().size(), results.size());
    return text.append("\n").append(verdict).append("\n").toString();
  }

  /** The same as an object with {@code device}, {@code passed}, {@code families}, {@code cases}. */
  public String json() {
    JsonObject report = new JsonObject();
    report.addProperty("device", device);
    report.addProperty("passed", passed());
    JsonArray families = new JsonArray();
    for (Family family : families()) {
      JsonObject object = new JsonObject();
      object.addProperty("kernel", family.kernel);
      object.addProperty("cases", family.cases);
      object.addProperty("passed", family.passed);
      number(object, "worst", family.worst);
      object.addProperty("seconds", family.seconds);
      families.add(object);
    }
    report.add("families", families);
    JsonArray cases = new JsonArray();
    for (Result result : results) {
      JsonObject object = new JsonObject();
      object.addProperty("kernel", result.kernel());
      object.addProperty("description", result.description());
      object.addProperty("passed", result.passed());
      result
          .outcome()
          .ifPresent(outcome -> {
            number(object, "error", outcome.error());
            number(object, "tolerance", outcome.tolerance());
            object.addProperty("detail", outcome.detail());
          });
      if (!result.passed()) {
        object.addProperty("problem", result.problem());
      }
      object.addProperty("seconds", result.seconds());
      cases.add(object);
    }
    report.add("cases", cases);
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(report);
  }

  /** JSON has no NaN and no infinity; they are written as text. */
  private static void number(JsonObject object, String name, double value) {
    if (Double.isFinite(value)) {
      object.addProperty(name, value);
    } else {
      object.addProperty(name, Double.toString(value));
    }
  }
}
