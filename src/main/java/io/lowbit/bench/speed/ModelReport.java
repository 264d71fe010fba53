// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.OptionalLong;

/**
 * How fast a model ran under several schemes in one sitting.
 *
 * @param provenance where the numbers come from
 * @param model its name
 * @param load what was run
 * @param rows a scheme each; the others are compared with the first
 */
public record ModelReport(
    Provenance provenance, String model, ModelBench.Load load, List<Row> rows) {
  private static final double MEBIBYTE = 1 << 20;

  /**
   * One scheme.
   *
   * @param scheme its text form, the base type included
   * @param execution {@code real}, or {@code fake} where numbers are only rounded to their grid
   * @param modelBits bits per weight of the whole model
   * @param promptTokensPerSecond all sequences together, median of the rounds
   * @param decodeTokensPerSecond all sequences together, median of the rounds
   * @param weightBytes what the weights take under the scheme
   * @param cacheBytes keys and values of all sequences at their end
   * @param peakBytes most memory that was taken, by whoever is named next; empty where unknown
   * @param peakOf {@code device} (all programs on it) or {@code process}
   */
  public record Row(
      String scheme,
      String execution,
      double modelBits,
      double promptTokensPerSecond,
      double decodeTokensPerSecond,
      long weightBytes,
      long cacheBytes,
      OptionalLong peakBytes,
      String peakOf) {}

  /** A table. */
  public String text() {
    StringBuilder text = new StringBuilder(provenance.text());
    text.append("model: %s%n".formatted(model));
    text.append(
        "load: %d sequences, a prompt of %d tokens, %d new ones%n%n"
            .formatted(load.batch(), load.promptTokens(), load.newTokens()));
    text.append(
        "%-22s %-5s %6s %12s %7s %12s %7s %10s %10s %10s%n"
            .formatted(
                "scheme",
                "",
                "bits",
                "prompt tok/s",
                "ratio",
                "decode tok/s",
                "ratio",
                "weight MiB",
                "cache MiB",
                "peak MiB"));
    for (Row row : rows) {
      text.append(
          "%-22s %-5s %6.2f %12.1f %6.2fx %12.1f %6.2fx %10.2f %10.2f %10s%n"
              .formatted(
                  row.scheme,
                  row.execution,
                  row.modelBits,
                  row.promptTokensPerSecond,
                  promptRatio(row),
                  row.decodeTokensPerSecond,
                  decodeRatio(row),
                  row.weightBytes / MEBIBYTE,
                  row.cacheBytes / MEBIBYTE,
                  peak(row)));
    }
    return text.append("%npeak memory is that of the %s%n".formatted(rows.getFirst().peakOf))
        .toString();
  }

  private static String peak(Row row) {
    return row.peakBytes.isPresent()
        ? "%.0f".formatted(row.peakBytes.getAsLong() / MEBIBYTE)
        : "unknown";
  }

  private double promptRatio(Row row) {
    return row.promptTokensPerSecond / rows.getFirst().promptTokensPerSecond;
  }

  private double decodeRatio(Row row) {
    return row.decodeTokensPerSecond / rows.getFirst().decodeTokensPerSecond;
  }

  /** The table as a document. */
  public String markdown() {
    StringBuilder text = new StringBuilder("# Speed of %s%n%n".formatted(model));
    provenance.facts().forEach((name, value) -> text.append("- %s: %s%n".formatted(name, value)));
    text.append(
        ("- load: %d sequences, a prompt of %d tokens, %d new ones%n%n| scheme | bits per weight |"
                + " prompt tok/s | ratio | decode tok/s | ratio | weights MiB | cache MiB | peak"
                + " MiB (%s) |%n|---|--:|--:|--:|--:|--:|--:|--:|--:|%n")
            .formatted(
                load.batch(), load.promptTokens(), load.newTokens(), rows.getFirst().peakOf));
    for (Row row : rows) {
      text.append(
          "| %s%s | %.2f | %.1f | %.2f | %.1f | %.2f | %.2f | %.2f | %s |%n"
              .formatted(
                  row.scheme,
                  row.execution.equals("fake") ? " (fake)" : "",
                  row.modelBits,
                  row.promptTokensPerSecond,
                  promptRatio(row),
                  row.decodeTokensPerSecond,
                  decodeRatio(row),
                  row.weightBytes / MEBIBYTE,
                  row.cacheBytes / MEBIBYTE,
                  peak(row)));
    }
    return text.toString();
  }

  /** The same as an object with {@code provenance}, {@code model}, {@code load}, {@code rows}. */
  public String json() {
    JsonObject root = new JsonObject();
    root.addProperty("schema", "lowbit-bench-model-1");
    root.add("provenance", provenance.json());
    root.addProperty("model", model);
    JsonObject work = new JsonObject();
    work.addProperty("prompt_tokens", load.promptTokens());
    work.addProperty("new_tokens", load.newTokens());
    work.addProperty("batch", load.batch());
    root.add("load", work);
    JsonArray list = new JsonArray();
    for (Row row : rows) {
      JsonObject object = new JsonObject();
      object.addProperty("scheme", row.scheme);
      object.addProperty("execution", row.execution);
      object.addProperty("bits_per_weight", row.modelBits);
      object.addProperty("prompt_tokens_per_second", row.promptTokensPerSecond);
      object.addProperty("prompt_ratio", promptRatio(row));
      object.addProperty("decode_tokens_per_second", row.decodeTokensPerSecond);
      object.addProperty("decode_ratio", decodeRatio(row));
      object.addProperty("weight_bytes", row.weightBytes);
      object.addProperty("cache_bytes", row.cacheBytes);
      row.peakBytes.ifPresent(bytes -> object.addProperty("peak_bytes", bytes));
      object.addProperty("peak_of", row.peakOf);
      list.add(object);
    }
    root.add("rows", list);
    return new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(root);
  }
}
