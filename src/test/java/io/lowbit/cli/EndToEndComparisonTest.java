// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static io.lowbit.cli.CommandRun.at;
import static org.testng.Assert.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** {@code compare} on the files of golden/statistics/e2e, every number of their expected table. */
public class EndToEndComparisonTest {
  private static final double TOLERANCE = 1e-9;

  /** Expected key → path in the output of {@code compare --json}. */
  private static final Map<String, String> OF_SYSTEM =
      Map.of(
          "n", "items",
          "clusters", "clusters",
          "mean", "value",
          "se_naive", "errors.naive",
          "se_cr0", "errors.cr0",
          "se_cr1", "errors.cr1",
          "se_miller", "errors.miller",
          "ci95_clustered_t", "interval",
          "wilson_ci95", "wilson");

  private static final Map<String, String> OF_COMPARISON =
      Map.of(
          "n", "items",
          "clusters", "clusters",
          "base_mean", "baseValue",
          "quant_mean", "value",
          "delta", "effect",
          "se_paired_n_minus_1", "detail.independent.standardError",
          "se_clustered_cr1", "detail.clustered.standardError",
          "df_clustered", "detail.clustered.degreesOfFreedom");

  private static final Map<String, String> OF_TESTS =
      Map.of(
          "ci95", "interval",
          "ci90", "equivalenceInterval",
          "difference_p", "p",
          "tost_p_lower", "equivalence.lowerP",
          "tost_p_upper", "equivalence.upperP",
          "tost_p", "equivalenceP");

  private static final Map<String, String> OF_MCNEMAR =
      Map.of(
          "exact_p", "exactP",
          "mid_p", "midP",
          "one_sided_degraded_p", "degradedP",
          "one_sided_degraded_mid_p", "degradedMidP",
          "newcombe_ci95", "newcombe",
          "tango_ci95", "tango",
          "se_n", "standardError",
          "odds_ratio", "oddsRatio",
          "cohens_g", "cohensG");

  private static JsonObject expected() throws IOException {
    Path file = Shared.path("golden/statistics/e2e/expected.json");
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  private static JsonElement compare(String... files) {
    String[] arguments = new String[files.length + 3];
    for (int i = 0; i < files.length; i++) {
      arguments[i] = Shared.path("golden/statistics/e2e/" + files[i]).toString();
    }
    arguments[files.length] = "--baseline=fp16";
    arguments[files.length + 1] = "--margin=0.01";
    arguments[files.length + 2] = "--json";
    return CommandRun.json(new CompareCommand(), arguments);
  }

  /** The files and what is expected of them. */
  @DataProvider(name = "files")
  public Object[][] files() throws IOException {
    return expected().getAsJsonObject("files").entrySet().stream()
        .map(entry -> new Object[] {entry.getKey(), entry.getValue()})
        .toArray(Object[][]::new);
  }

  /** The cell of the system, and the comparison of each scheme with the baseline. */
  @Test(dataProvider = "files")
  public void agrees(String file, JsonElement golden) {
    JsonElement table = compare(file);
    for (Map.Entry<String, JsonElement> system :
        golden.getAsJsonObject().getAsJsonObject("systems").entrySet()) {
      all(find(table, "cells", system.getKey(), null), OF_SYSTEM, system.getValue());
    }
    for (Map.Entry<String, JsonElement> comparison :
        golden.getAsJsonObject().getAsJsonObject("comparisons").entrySet()) {
      JsonElement found = find(table, "comparisons", comparison.getKey(), null);
      comparison(found, comparison.getValue().getAsJsonObject());
    }
  }

  private static void comparison(JsonElement found, JsonObject golden) {
    golden
        .entrySet()
        .forEach(entry -> {
          JsonElement value = entry.getValue();
          switch (entry.getKey()) {
            case "clustered" -> tests(at(found, "detail.clustered"), value);
            case "unclustered" -> tests(at(found, "detail.independent"), value);
            case "mcnemar" -> all(at(found, "flips"), OF_MCNEMAR, value);
            case "table" -> {
              String[] cells = {"bothRight", "rightToWrong", "wrongToRight", "bothWrong"};
              for (int i = 0; i < cells.length; i++) {
                assertEquals(at(found, "flips." + cells[i]), at(value, "" + i), cells[i]);
              }
            }
            case "flips" -> flips(at(found, "detail.answers"), value.getAsJsonObject());
            case "wilcoxon" -> {
              double lower =
                  Math.min(
                      at(found, "detail.signedRank.positive").getAsDouble(),
                      at(found, "detail.signedRank.negative").getAsDouble());
              assertEquals(lower, at(value, "w").getAsDouble());
              CommandRun.near(found, "detail.signedRank.z", at(value, "z"), TOLERANCE);
              CommandRun.near(found, "detail.signedRankP", at(value, "p"), TOLERANCE);
            }
            case "items_dropped" ->
                assertEquals(
                    at(found, "onlyBaseline").getAsInt() + at(found, "onlyScheme").getAsInt(),
                    value.getAsInt());
            default ->
                CommandRun.near(found, path(OF_COMPARISON, entry.getKey()), value, TOLERANCE);
          }
        });
  }

  private static void tests(JsonElement found, JsonElement golden) {
    golden
        .getAsJsonObject()
        .entrySet()
        .forEach(entry -> {
          if (entry.getKey().equals("verdict")) {
            assertEquals(at(found, "verdict").getAsString(), entry.getValue().getAsString());
          } else {
            CommandRun.near(found, path(OF_TESTS, entry.getKey()), entry.getValue(), TOLERANCE);
          }
        });
  }

  private static void flips(JsonElement found, JsonObject golden) {
    double n = at(found, "n").getAsDouble();
    int lost = at(found, "rightToWrong").getAsInt();
    int won = at(found, "wrongToRight").getAsInt();
    int other = at(found, "wrongToOtherWrong").getAsInt();
    assertEquals(lost, golden.get("correct_to_incorrect").getAsInt());
    assertEquals(won, golden.get("incorrect_to_correct").getAsInt());
    assertEquals(other, golden.get("wrong_to_other_wrong").getAsInt());
    assertEquals((lost + won) / n, golden.get("rate").getAsDouble(), 1e-12);
    assertEquals((lost + won + other) / n, golden.get("all_rate").getAsDouble(), 1e-12);
  }

  private static void all(JsonElement found, Map<String, String> paths, JsonElement golden) {
    golden
        .getAsJsonObject()
        .entrySet()
        .forEach(entry ->
            CommandRun.near(found, path(paths, entry.getKey()), entry.getValue(), TOLERANCE));
  }

  private static String path(Map<String, String> paths, String key) {
    String path = paths.get(key);
    if (path == null) {
      throw new AssertionError("'" + key + "' is expected but compare does not print it");
    }
    return path;
  }

  private static JsonElement find(JsonElement table, String list, String scheme, String task) {
    for (JsonElement one : at(table, list).getAsJsonArray()) {
      if (at(one, "key.scheme").getAsString().equals(scheme)
          && (task == null || at(one, "key.task").getAsString().equals(task))) {
        return one;
      }
    }
    throw new AssertionError(list + " has no " + scheme + " on " + task);
  }

  /** Holm and Benjamini-Hochberg over the four comparisons of both files. */
  @Test
  public void adjustsOverBothFiles() throws IOException {
    JsonElement table = compare("choices.records.jsonl", "graded.records.jsonl");
    for (JsonElement row : expected().getAsJsonArray("multiplicity")) {
      String task = at(row, "task").getAsString();
      JsonElement one = find(table, "comparisons", at(row, "scheme").getAsString(), task);
      int place = at(table, "comparisons").getAsJsonArray().asList().indexOf(one);
      CommandRun.near(one, "p", at(row, "p"), TOLERANCE);
      CommandRun.near(table, "adjustedP." + place, at(row, "holm"), TOLERANCE);
      CommandRun.near(table, "discoveryP." + place, at(row, "bh"), TOLERANCE);
    }
  }
}
