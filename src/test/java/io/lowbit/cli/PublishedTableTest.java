// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import static io.lowbit.cli.CommandRun.at;
import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lowbit.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.Test;

/**
 * {@code correlate} on the published table of Jin et al. 2024, held against every case of
 * golden/statistics/jin2024 (its check of the table's own averages has no correlation in it).
 */
public class PublishedTableTest {
  private static final double TOLERANCE = 1e-9;
  private static final String MEAN = "mean(ppl_wt2, ppl_c4, ppl_ptb)";
  private static final String LN = "ln(" + MEAN + ")";
  private static final String CHANGE = "change(" + LN + ")";
  private static final String TWELVE = "method=GPTQ|SpQR & bits=3|4";

  /** Expected key of a correlation → path in the output at 95 %. */
  private static final Map<String, String> OF_CORRELATION =
      Map.ofEntries(
          Map.entry("n", "pooled.0.n"),
          Map.entry("pearson_r", "pooled.0.value"),
          Map.entry("pearson_p", "pooled.0.p"),
          Map.entry("pearson_ci95", "pooled.0.interval"),
          Map.entry("spearman_rho", "pooled.1.value"),
          Map.entry("spearman_p_t", "details.spearmanStudentP"),
          Map.entry("spearman_ci95_bonett_wright", "pooled.1.interval"),
          Map.entry("kendall_tau_b", "pooled.2.value"),
          Map.entry("kendall_ci95_fieller", "pooled.2.interval"),
          Map.entry("kendall_p_asymptotic", "details.kendallNormalP"));

  private final Map<String, List<JsonObject>> golden = new LinkedHashMap<>();
  private final Map<String, JsonElement> results = new LinkedHashMap<>();

  /** Sorts the cases by kind. */
  @BeforeClass
  public void read() throws IOException {
    JsonElement root =
        JsonParser.parseString(Files.readString(Shared.path("golden/statistics/jin2024.json")));
    for (JsonElement one : at(root, "cases").getAsJsonArray()) {
      golden
          .computeIfAbsent(at(one, "kind").getAsString(), _ -> new ArrayList<>())
          .add(one.getAsJsonObject());
    }
    assertEquals(
        golden.keySet(), Set.of("metric", "summary", "cohort", "delta", "lomo", "curve", "check"));
  }

  private JsonElement correlate(String... arguments) {
    String table = Shared.path("reference/published/jin2024.csv").toString();
    return results.computeIfAbsent(
        String.join(" ", arguments),
        _ ->
            CommandRun.json(
                new CorrelateCommand(),
                Stream.concat(
                        Stream.of(table, "--group=model", "--baseline=method=BF16", "--json"),
                        Stream.of(arguments))
                    .toArray(String[]::new)));
  }

  /** All metrics against one perplexity over the twelve schemes, size taken out on the side. */
  private JsonElement twelve(String x, String level) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--x=" + x, "--where=" + TWELVE, "--level=" + level, "--given=log2(size(model))"));
    arguments.add("--y");
    golden.get("metric").forEach(one -> arguments.add(one.get("id").getAsString()));
    return correlate(arguments.toArray(String[]::new));
  }

  private static JsonElement of(JsonElement all, String y) {
    for (JsonElement one : all.getAsJsonArray()) {
      if (at(one, "y").getAsString().equals(y)) {
        return one;
      }
    }
    throw new AssertionError("no result for " + y);
  }

  private static void correlation(JsonElement golden, JsonElement wide, JsonElement narrow) {
    golden
        .getAsJsonObject()
        .entrySet()
        .forEach(entry -> {
          JsonElement value = entry.getValue();
          switch (entry.getKey()) {
            case "pearson_t" -> {
              double r = at(wide, "pooled.0.value").getAsDouble();
              double df = at(wide, "pooled.0.n").getAsDouble() - 2;
              double t = value.getAsDouble();
              assertEquals(r * Math.sqrt(df / (1 - r * r)), t, TOLERANCE * Math.abs(t));
            }
            case "pearson_ci90" -> CommandRun.near(narrow, "pooled.0.interval", value, TOLERANCE);
            case "kendall_p_exact" -> {
              // With ties there is no exact null distribution.
              if (!value.isJsonNull()) {
                CommandRun.near(wide, "pooled.2.p", value, TOLERANCE);
              }
            }
            case "ties" ->
                assertEquals(
                    !at(wide, "pooled.2.method").getAsString().startsWith("exact"),
                    value.getAsBoolean());
            case "theil_sen_separate" -> theilSen(at(wide, "details.theilSen"), value, "intercept");
            case "theil_sen_joint" ->
                theilSen(at(wide, "details.theilSen"), value, "jointIntercept");
            case "percentage_bend" -> {
              CommandRun.near(wide, "details.percentageBend.value", at(value, "r"), TOLERANCE);
              CommandRun.near(wide, "details.percentageBend.p", at(value, "p"), TOLERANCE);
            }
            case "n_by_model" ->
                value
                    .getAsJsonObject()
                    .entrySet()
                    .forEach(model ->
                        CommandRun.near(
                            wide,
                            "grouped.perGroup." + model.getKey() + ".n",
                            model.getValue(),
                            0));
            default -> {
              assertTrue(OF_CORRELATION.containsKey(entry.getKey()), entry.getKey());
              CommandRun.near(wide, OF_CORRELATION.get(entry.getKey()), value, TOLERANCE);
            }
          }
        });
  }

  private static void theilSen(JsonElement line, JsonElement golden, String intercept) {
    CommandRun.near(line, "slope", at(golden, "slope"), TOLERANCE);
    CommandRun.near(line, intercept, at(golden, "intercept"), TOLERANCE);
    CommandRun.near(line, "slopeInterval.low", at(golden, "low"), TOLERANCE);
    CommandRun.near(line, "slopeInterval.high", at(golden, "high"), TOLERANCE);
  }

  private static void within(JsonElement found, JsonElement golden) {
    JsonElement correlation = at(found, "grouped.correlation");
    CommandRun.near(correlation, "within", at(golden, "r"), TOLERANCE);
    CommandRun.near(correlation, "degreesOfFreedom", at(golden, "df"), 0);
    CommandRun.near(correlation, "p", at(golden, "p"), TOLERANCE);
    CommandRun.near(correlation, "interval", at(golden, "ci95"), TOLERANCE);
    CommandRun.near(correlation, "slope", at(golden, "slope"), TOLERANCE);
    JsonElement permutation = at(found, "grouped.permutation");
    CommandRun.near(permutation, "arrangements", at(golden, "permutation.arrangements"), 0);
    CommandRun.near(permutation, "twoSided", at(golden, "permutation.count"), 0);
  }

  private static void partial(JsonElement found, JsonElement golden) {
    CommandRun.near(found, "partial.value", at(golden, "r"), TOLERANCE);
    CommandRun.near(found, "partial.degreesOfFreedom", at(golden, "df"), 0);
    CommandRun.near(found, "partial.p", at(golden, "p"), TOLERANCE);
  }

  /** Eighteen metrics: coefficients, intervals, tests, within, between and without the models. */
  @Test
  public void metrics() {
    for (JsonObject one : golden.get("metric")) {
      String y = one.get("id").getAsString();
      JsonObject expected = one.getAsJsonObject("expected");
      JsonElement raw = of(twelve(MEAN, "0.95"), y);
      JsonElement ln = of(twelve(LN, "0.95"), y);
      Set<String> open = new HashSet<>(expected.keySet());
      correlation(at(expected, "raw_perplexity"), raw, of(twelve(MEAN, "0.9"), y));
      correlation(at(expected, "ln_perplexity"), ln, of(twelve(LN, "0.9"), y));
      within(ln, at(expected, "within_model_ln"));
      within(raw, at(expected, "within_model_raw"));
      partial(ln, at(expected, "partial_given_log2_size_ln"));
      partial(raw, at(expected, "partial_given_log2_size_raw"));
      expected
          .getAsJsonObject("per_model")
          .entrySet()
          .forEach(model -> {
            JsonElement group = at(ln, "grouped.perGroup." + model.getKey());
            CommandRun.near(group, "n", at(model.getValue(), "n"), 0);
            CommandRun.near(group, "pearson", at(model.getValue(), "pearson_r_ln"), TOLERANCE);
            CommandRun.near(group, "spearman", at(model.getValue(), "spearman_rho"), TOLERANCE);
            CommandRun.near(group, "kendall", at(model.getValue(), "kendall_tau_b"), TOLERANCE);
          });
      expected
          .getAsJsonObject("leave_one_model_out_r_raw")
          .entrySet()
          .forEach(model ->
              CommandRun.near(
                  raw, "grouped.withoutGroup." + model.getKey(), model.getValue(), TOLERANCE));
      expected
          .getAsJsonObject("per_perplexity_set")
          .entrySet()
          .forEach(set -> {
            JsonElement alone = of(twelve(set.getKey(), "0.95"), y);
            CommandRun.near(alone, "pooled.0.value", at(set.getValue(), "pearson_r"), TOLERANCE);
            CommandRun.near(alone, "pooled.1.value", at(set.getValue(), "spearman_rho"), TOLERANCE);
          });
      CommandRun.near(raw, "adjustedP", expected.get("holm_p_18"), TOLERANCE);
      CommandRun.near(raw, "discoveryP", expected.get("bh_p_18"), TOLERANCE);
      double inside = at(ln, "grouped.correlation.within").getAsDouble();
      double pooled = at(ln, "grouped.correlation.pooled").getAsDouble();
      assertEquals(inside * pooled < 0, expected.get("sign_reversal").getAsBoolean(), y);
      double printed = expected.get("published_r").getAsDouble();
      assertEquals(
          Math.abs(at(raw, "pooled.0.value").getAsDouble() - printed) <= 0.02,
          expected.get("reproduces_published_to_0.02").getAsBoolean(),
          y);
      open.removeAll(
          Set.of(
              "raw_perplexity",
              "ln_perplexity",
              "within_model_ln",
              "within_model_raw",
              "partial_given_log2_size_ln",
              "partial_given_log2_size_raw",
              "per_model",
              "leave_one_model_out_r_raw",
              "per_perplexity_set",
              "holm_p_18",
              "bh_p_18",
              "sign_reversal",
              "published_r",
              "reproduces_published_to_0.02"));
      assertEquals(open, Set.of(), "expected but not compared");
    }
  }

  /** What the eighteen say together. */
  @Test
  public void summary() {
    JsonElement expected = at(golden.get("summary").getFirst(), "expected");
    double sum = 0;
    double largest = 0;
    List<String> inside = new ArrayList<>();
    for (JsonObject one : golden.get("metric")) {
      String y = one.get("id").getAsString();
      sum += Math.abs(at(of(twelve(MEAN, "0.95"), y), "pooled.0.value").getAsDouble());
      largest = Math.max(largest, at(of(twelve(MEAN, "0.95"), y), "adjustedP").getAsDouble());
      if (at(of(twelve(LN, "0.95"), y), "grouped.correlation.p").getAsDouble() < 0.05) {
        inside.add(y);
      }
    }
    assertEquals(
        sum / golden.get("metric").size(),
        at(expected, "mean_abs_recomputed_r").getAsDouble(),
        TOLERANCE);
    assertEquals(largest, at(expected, "largest_holm_p").getAsDouble(), TOLERANCE * largest);
    assertEquals(
        inside,
        at(expected, "within_model_ln_p_below_05").getAsJsonArray().asList().stream()
            .map(JsonElement::getAsString)
            .toList());
  }

  /** MMLU over all 30 rows, and without the collapsed ones. */
  @Test
  public void cohorts() {
    for (JsonObject one : golden.get("cohort")) {
      boolean all = at(one, "input.n").getAsInt() == 30;
      String rows = all ? "--where=bits>0" : "--without=method=GPTQ & bits=2";
      JsonElement raw = correlate("--x=" + MEAN, "--y=mmlu", rows);
      JsonElement ln = correlate("--x=" + LN, "--y=mmlu", rows);
      JsonElement expected = at(one, "expected");
      CommandRun.near(raw, "0.pooled.0.n", at(one, "input.n"), 0);
      CommandRun.near(raw, "0.pooled.0.value", at(expected, "pearson_r_raw"), TOLERANCE);
      CommandRun.near(ln, "0.pooled.0.value", at(expected, "pearson_r_ln"), TOLERANCE);
      CommandRun.near(raw, "0.pooled.1.value", at(expected, "spearman_rho"), TOLERANCE);
      CommandRun.near(raw, "0.pooled.2.value", at(expected, "kendall_tau_b"), TOLERANCE);
    }
  }

  private JsonElement changes(String level, String... rows) {
    return at(
        correlate(
            Stream.concat(
                    Stream.of(
                        "--x=" + CHANGE,
                        "--y=change(mmlu)",
                        "--level=" + level,
                        "--without=method=BF16"),
                    Stream.of(rows))
                .toArray(String[]::new)),
        "0");
  }

  /** MMLU's change against the change of ln perplexity, down to schemes that hardly change it. */
  @Test
  public void changesAgainstTheBaseline() {
    for (JsonObject one : golden.get("delta")) {
      String id = one.get("id").getAsString();
      List<String> rows = new ArrayList<>();
      if (!id.endsWith("all-quantized")) {
        rows.add("--without=method=GPTQ & bits=2");
      }
      if (id.contains("below-")) {
        rows.add("--where=" + CHANGE + "<" + id.substring(id.lastIndexOf('-') + 1));
      }
      String[] given = rows.toArray(String[]::new);
      correlation(at(one, "expected"), changes("0.95", given), changes("0.9", given));
    }
  }

  /** Each model predicted by the others, and the curve of sufficient changes. */
  @Test
  public void prediction() {
    JsonElement found = at(changes("0.95", "--without=method=GPTQ & bits=2"), "prediction");
    at(golden.get("lomo").getFirst(), "expected")
        .getAsJsonObject()
        .entrySet()
        .forEach(model -> {
          JsonElement group = at(found, "perGroup." + model.getKey());
          CommandRun.near(group, "n", at(model.getValue(), "n_test"), 0);
          CommandRun.near(group, "slope", at(model.getValue(), "slope"), TOLERANCE);
          CommandRun.near(group, "meanAbsoluteError", at(model.getValue(), "mae"), TOLERANCE);
          CommandRun.near(
              group, "nullMeanAbsoluteError", at(model.getValue(), "null_mae"), TOLERANCE);
        });
    JsonElement expected = at(golden.get("curve").getFirst(), "expected");
    List<JsonElement> curve = at(expected, "curve").getAsJsonArray().asList();
    assertEquals(at(found, "thresholds").getAsJsonArray().size(), curve.size());
    for (int i = 0; i < curve.size(); i++) {
      JsonElement point = at(found, "thresholds." + i);
      CommandRun.near(point, "threshold", at(curve.get(i), "threshold"), TOLERANCE);
      CommandRun.near(point, "n", at(curve.get(i), "n"), 0);
      CommandRun.near(point, "shareDegraded", at(curve.get(i), "share_degraded"), TOLERANCE);
    }
    CommandRun.near(found, "enough", at(expected, "smallest_threshold_with_90_percent"), TOLERANCE);
  }
}
