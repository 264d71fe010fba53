// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.results.published.PublishedPaper;
import io.lowbit.stats.Claim;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Reads {@code findings.json}, the findings as data. */
final class FindingsFile {
  private static final String FILE = "/io/lowbit/published/findings.json";
  private static final Set<String> SELECTION =
      Set.of("low", "methods", "schemes", "models", "types", "tasks", "metrics", "details");

  private FindingsFile() {}

  /** The findings of one paper, in the order of the file. */
  static List<Finding> read(PublishedPaper.Id paper) {
    try (InputStream in = FindingsFile.class.getResourceAsStream(FILE);
        Reader reader =
            new InputStreamReader(
                Objects.requireNonNull(in, FILE + " is missing from the jar"),
                StandardCharsets.UTF_8)) {
      JsonArray all = JsonParser.parseReader(reader).getAsJsonArray();
      return StreamSupport.stream(all.spliterator(), false)
          .map(JsonElement::getAsJsonObject)
          .filter(one -> one.get("paper").getAsString().equals(paper.text()))
          .map(FindingsFile::finding)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " is unreadable; build the program again", e);
    }
  }

  private static Finding finding(JsonObject json) {
    Optional<Claim.Kind> claim =
        Optional.ofNullable(json.get("claim")).map(one -> Claim.Kind.valueOf(one.getAsString()));
    PublishedPaper.Id paper = named(PublishedPaper.Id.class, json, "paper");
    return new Finding(
        json.get("id").getAsString(),
        paper,
        named(Finding.Origin.class, json, "origin"),
        json.get("sentence").getAsString(),
        json.get("compares").getAsString(),
        claim,
        test(json.getAsJsonObject("test"), paper));
  }

  private static FindingTest test(JsonObject json, PublishedPaper.Id paper) {
    String kind = json.get("kind").getAsString();
    return switch (kind) {
      case "mean" ->
          new MeanTest(
              selection(json, "where"),
              named(Quantity.class, json, "quantity"),
              named(Side.class, json, "side"),
              json.get("threshold").getAsDouble());
      case "paired" ->
          new PairedTest(
              selection(json, "first"),
              selection(json, "second"),
              named(PairedTest.Over.class, json, "over"),
              named(Quantity.class, json, "quantity"),
              named(Side.class, json, "side"));
      case "size-trend" ->
          new SizeTrendTest(
              selection(json, "where"),
              named(Quantity.class, json, "quantity"),
              named(Side.class, json, "side"));
      case "bits-trend" -> new BitsTrendTest(selection(json, "where"));
      case "perplexity" ->
          new PerplexityTest(selection(json, "where"), json.get("within").getAsBoolean());
      case "printed-correlations" ->
          new PrintedCorrelationTest(
              selection(json, "where"), paper, json.get("tolerance").getAsDouble());
      case "larger-model" ->
          new LargerModelTest(selection(json, "where"), json.get("memory").getAsString());
      case "none" -> new NoTest(json.get("reason").getAsString());
      default -> throw new IllegalStateException("findings.json: there is no test of kind " + kind);
    };
  }

  private static Selection selection(JsonObject test, String name) {
    JsonObject json = test.getAsJsonObject(name);
    if (!SELECTION.containsAll(json.keySet())) {
      throw new IllegalStateException(
          "findings.json: a selection has %s, not %s".formatted(SELECTION, json.keySet()));
    }
    return new Selection(
        texts(json, "low"),
        texts(json, "methods"),
        texts(json, "schemes"),
        texts(json, "models"),
        texts(json, "types"),
        texts(json, "tasks"),
        texts(json, "metrics"),
        texts(json, "details"));
  }

  private static List<String> texts(JsonObject json, String key) {
    return json.has(key)
        ? json.getAsJsonArray(key).asList().stream().map(JsonElement::getAsString).toList()
        : List.of();
  }

  private static <E extends Enum<E>> E named(Class<E> type, JsonObject json, String key) {
    return Enum.valueOf(type, json.get(key).getAsString().toUpperCase(Locale.ROOT));
  }
}
