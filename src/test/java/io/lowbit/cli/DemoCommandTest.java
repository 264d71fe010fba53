// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import io.lowbit.model.EmbeddedModels;
import io.lowbit.results.ItemRecord;
import io.lowbit.results.RecordFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/** The whole demo, and what its records must show. */
public class DemoCommandTest {
  private static final List<String> TYPES =
      List.of("basic", "emergent", "trustworthiness", "dialogue", "long-context");

  private Path folder;
  private List<ItemRecord> records;

  @BeforeClass
  public void runDemo() throws IOException {
    folder = Files.createTempDirectory("demo");
    assertEquals(demo(), 0);
    records = RecordFile.read(folder);
  }

  @AfterClass(alwaysRun = true)
  public void delete() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }

  private int demo() {
    PrintWriter sink = new PrintWriter(new StringWriter());
    return Main.run(Main.COMMANDS, sink, sink, "demo", "--output", folder.toString());
  }

  private List<ItemRecord> those(String model, String scheme, Predicate<ItemRecord> wanted) {
    return records.stream()
        .filter(one -> one.model().equals(model) && one.scheme().equals(scheme))
        .filter(wanted)
        .toList();
  }

  /** Mean of the primary metric; a measure of bias is no ability. */
  private double score(String model, String scheme, Predicate<ItemRecord> wanted) {
    List<ItemRecord> items =
        those(model, scheme, wanted.and(one -> one.metrics().getFirst().higherIsBetter()));
    assertTrue(items.size() >= 100, model + " " + scheme + ": " + items.size() + " items");
    return items.stream()
        .mapToDouble(one -> one.values().get(one.metrics().getFirst().name()))
        .average()
        .orElseThrow();
  }

  private static double chance(List<ItemRecord> items) {
    return items.stream()
        .filter(one -> one.metrics().getFirst().higherIsBetter())
        .mapToDouble(one -> one.metrics().getFirst().chance())
        .average()
        .orElseThrow();
  }

  private static Predicate<ItemRecord> ofType(String type) {
    return one -> one.taskType().equals(type);
  }

  private double perplexity(String model, String scheme) {
    double nll = 0;
    double tokens = 0;
    for (ItemRecord one : those(model, scheme, ofType("perplexity"))) {
      nll += one.values().get("nll");
      tokens += one.values().get("tokens");
    }
    return Math.exp(nll / tokens);
  }

  @Test
  public void everyUnitIsThereOnce() {
    assertEquals(records.size(), 3 * 12 * (8 * 100 + 40));
    assertEquals(
        new HashSet<>(records.stream().map(ItemRecord::key).toList()).size(), records.size());
    assertTrue(Files.isRegularFile(folder.resolve("report.html")));
  }

  @Test
  public void theLargestModelIsWellAboveChanceOnEveryTaskType() {
    int strong = 0;
    for (String type : TYPES) {
      double score = score("demo-l", "fp32", ofType(type));
      double chance = chance(those("demo-l", "fp32", ofType(type)));
      assertTrue(score >= chance + 0.25, "%s: %.3f, chance %.3f".formatted(type, score, chance));
      strong += score >= 0.8 ? 1 : 0;
    }
    assertTrue(strong >= 3, strong + " of five task types at 80 % or more");
  }

  @Test
  public void largerModelsAreBetter() {
    Predicate<ItemRecord> any = one -> !one.taskType().equals("perplexity");
    double small = score("demo-s", "fp32", any);
    double middle = score("demo-m", "fp32", any);
    double large = score("demo-l", "fp32", any);
    assertTrue(small < middle && middle < large, small + " " + middle + " " + large);
  }

  @Test
  public void fewerBitsAreWorse() {
    for (String model : EmbeddedModels.NAMES) {
      double last = 0;
      for (String scheme : List.of("w8g128", "w4g128", "w3g128", "w2g128")) {
        double perplexity = perplexity(model, scheme);
        assertTrue(perplexity >= last, model + " " + scheme + ": " + perplexity);
        last = perplexity;
      }
      assertEquals(perplexity(model, "w8g128") / perplexity(model, "fp32"), 1, 0.01, model);
    }
  }

  @Test
  public void twoBitsAreNearChance() {
    Predicate<ItemRecord> any = one -> !one.taskType().equals("perplexity");
    for (String model : EmbeddedModels.NAMES) {
      double score = score(model, "w2g128", any);
      double chance = chance(those(model, "w2g128", any));
      assertEquals(score, chance, 0.1, model);
    }
  }

  @Test
  public void aSecondRunScoresNothingAgain() throws IOException {
    assertEquals(demo(), 0);
    assertEquals(RecordFile.read(folder).size(), records.size());
  }

  /** What is written beside the data is a study like any other. */
  @Test
  public void theStudyFileIsTheShippedOne() throws IOException {
    assertEquals(
        Files.readString(folder.resolve("study.yaml")), DemoCommand.studyText(false, true));
    assertTrue(
        Files.readString(Path.of("README.md")).contains(DemoCommand.studyText(false, true)),
        "the README's example is the demo's study");
    String full = DemoCommand.studyText(true, false);
    assertTrue(full.contains("{task: demo_cloze, limit: 400}"), full);
    assertTrue(full.contains("allow_unpinned: true "), full);
    assertTrue(full.contains("{task: demo_text, protocol: gptq-256, limit: 40}"), full);
  }
}
