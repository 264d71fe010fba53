// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats;

import static org.testng.Assert.assertEquals;

import com.google.gson.JsonObject;
import io.lowbit.table.Row;
import io.lowbit.table.Rows;
import io.lowbit.testing.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** golden/statistics/jin2024 and prediction. */
final class GoldenPublished {
  private GoldenPublished() {}

  static Map<String, Object> compute(String kind, JsonObject in, JsonObject expected) {
    return switch (kind) {
      case "metric" -> metric(in, expected);
      case "delta" -> delta(in);
      case "summary" -> summary();
      case "cohort" -> cohort(in.get("n").getAsInt());
      case "lomo" -> transfers();
      case "curve" -> curve();
      case "check" -> averages();
      default -> throw new AssertionError("unknown kind " + kind);
    };
  }

  private static Map<String, Object> delta(JsonObject in) {
    Map<String, Object> out = GoldenCorrelations.correlation(in);
    Map<String, Object> sizes = new LinkedHashMap<>();
    GroupedCorrelation.split(
            new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y")),
            GoldenFunctions.strings(in, "group"))
        .forEach((label, pairs) -> sizes.put(label, pairs.n()));
    out.put("n_by_model", sizes);
    return out;
  }

  private static Map<String, Object> metric(JsonObject in, JsonObject expected) {
    double[] x = GoldenFunctions.doubles(in, "x");
    double[] ln = Arrays.stream(x).map(Math::log).toArray();
    double[] y = GoldenFunctions.doubles(in, "y");
    List<String> models = GoldenFunctions.strings(in, "group");
    double[] log2Size =
        models.stream()
            .mapToDouble(m -> Math.log(Double.parseDouble(m.replace("B", ""))) / Math.log(2))
            .toArray();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("raw_perplexity", GoldenCorrelations.correlation(x, y));
    out.put("ln_perplexity", GoldenCorrelations.correlation(ln, y));
    out.put("within_model_ln", within(new Pairs(ln, y), models));
    out.put("within_model_raw", within(new Pairs(x, y), models));
    out.put("partial_given_log2_size_ln", partial(ln, y, log2Size));
    out.put("partial_given_log2_size_raw", partial(x, y, log2Size));
    Map<String, Object> perModel = new LinkedHashMap<>();
    GroupedCorrelation.split(new Pairs(ln, y), models)
        .forEach((model, pairs) ->
            perModel.put(
                model,
                Map.of(
                    "n", pairs.n(),
                    "pearson_r_ln", pairs.pearson(),
                    "spearman_rho", pairs.spearman(),
                    "kendall_tau_b", pairs.kendall())));
    out.put("per_model", perModel);
    Map<String, Object> without = new LinkedHashMap<>();
    GroupedCorrelation.leaveOneGroupOut(new Pairs(x, y), models)
        .forEach((model, pairs) -> without.put(model, pairs.pearson()));
    out.put("leave_one_model_out_r_raw", without);
    out.put("sign_reversal", GroupedCorrelation.of(new Pairs(ln, y), models, 0.95).signReversal());
    double published = expected.get("published_r").getAsDouble();
    String name = nameOf(y);
    ColumnCorrelation asColumn = column(name, MEAN);
    out.put("published_r", published);
    out.put("holm_p_18", asColumn.adjustedP().orElseThrow());
    out.put("bh_p_18", asColumn.discoveryP().orElseThrow());
    Map<String, Object> perSet = new LinkedHashMap<>();
    for (String set : SETS) {
      ColumnCorrelation one = column(name, set);
      perSet.put(
          set,
          Map.of(
              "pearson_r", one.pooled().get(0).value(),
              "spearman_rho", one.pooled().get(1).value()));
    }
    out.put("per_perplexity_set", perSet);
    out.put(
        "reproduces_published_to_0.02", Math.abs(new Pairs(x, y).pearson() - published) <= 0.02);
    return out;
  }

  private static Map<String, Object> within(Pairs pairs, List<String> models) {
    GroupedCorrelation grouped = GroupedCorrelation.of(pairs, models, 0.95);
    Permutations test = GroupedCorrelation.permute(pairs, models, 0, 0);
    return Map.of(
        "r", grouped.within(),
        "df", grouped.degreesOfFreedom(),
        "p", grouped.p(),
        "ci95", grouped.interval(),
        "slope", grouped.slope(),
        "permutation",
            Map.of("arrangements", test.arrangements(), "count", test.twoSided(), "p", test.p()));
  }

  private static Map<String, Object> partial(double[] x, double[] y, double[] covariate) {
    PartialCorrelation partial = PartialCorrelation.of(x, y, new double[][] {covariate}, 0.95);
    return Map.of("r", partial.value(), "df", partial.degreesOfFreedom(), "p", partial.p());
  }

  private static final List<String> SETS = List.of("ppl_wt2", "ppl_c4", "ppl_ptb");
  private static final String MEAN = "mean(ppl_wt2, ppl_c4, ppl_ptb)";

  /** The metrics and the coefficients that were printed for them. */
  private static final Map<String, Double> PRINTED = printed();

  private static Map<String, Double> printed() {
    String[] names =
        ("mmlu ceval bleu_enzh bleu_zhen gsm8k snli tqa_mc1 fb_hsr fb_ssr fb_csl bbq_ambig"
                + " bbq_disambig xsum_r1 xsum_r2 xsum_rL cnn_r1 cnn_r2 cnn_rL")
            .split(" ", -1);
    double[] values = {
      -.892, -.930, -.884, -.904, -.911, -.583, -.789, -.864, -.899, -.877, -.765, .806, -.768,
      -.493, -.222, -.890, -.849, -.885
    };
    Map<String, Double> printed = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      printed.put(names[i], values[i]);
    }
    return printed;
  }

  private static final ColumnTable TABLE =
      new ColumnTable(
          Rows.read(Shared.path("reference/published/jin2024.csv")).stream()
              .map(Row::values)
              .toList(),
          Optional.of("model"),
          Optional.of(new RowCondition("method=BF16")));

  private static final Map<String, List<ColumnCorrelation>> FITTED = new ConcurrentHashMap<>();

  /** All metrics against one perplexity, over the twelve schemes of the published figure. */
  private static List<ColumnCorrelation> columns(String x) {
    return FITTED.computeIfAbsent(
        x,
        name ->
            ColumnCorrelation.of(
                TABLE,
                new ColumnCorrelation.Question(
                    name,
                    List.copyOf(PRINTED.keySet()),
                    List.of(),
                    List.of(new RowCondition("method=GPTQ|SpQR & bits=3|4")),
                    List.of(),
                    0.95)));
  }

  private static ColumnCorrelation column(String y, String x) {
    return columns(x).stream().filter(one -> one.y().equals(y)).findFirst().orElseThrow();
  }

  /** The golden's values tell the column. */
  private static String nameOf(double[] y) {
    boolean[] kept = new RowCondition("method=GPTQ|SpQR & bits=3|4").test(TABLE);
    return PRINTED.keySet().stream()
        .filter(name -> {
          double[] all = TABLE.numbers(name);
          double[] own =
              IntStream.range(0, all.length)
                  .filter(i -> kept[i])
                  .mapToDouble(i -> all[i])
                  .toArray();
          return Arrays.equals(own, y);
        })
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Object> summary() {
    List<ColumnCorrelation> all = columns(MEAN);
    double largest =
        all.stream().mapToDouble(one -> one.adjustedP().orElseThrow()).max().orElseThrow();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put(
        "mean_abs_published_r",
        PRINTED.values().stream().mapToDouble(Math::abs).average().orElseThrow());
    out.put(
        "mean_abs_recomputed_r",
        all.stream()
            .mapToDouble(one -> Math.abs(one.pooled().getFirst().value()))
            .average()
            .orElseThrow());
    out.put("largest_holm_p", largest);
    out.put("all_holm_below_05", largest < 0.05);
    out.put(
        "not_reproduced",
        all.stream()
            .filter(one -> Math.abs(one.pooled().getFirst().value() - PRINTED.get(one.y())) > 0.02)
            .map(ColumnCorrelation::y)
            .toList());
    out.put(
        "within_model_ln_p_below_05",
        columns("ln(" + MEAN + ")").stream()
            .filter(one -> one.grouped().orElseThrow().correlation().p() < 0.05)
            .map(ColumnCorrelation::y)
            .toList());
    return out;
  }

  private static Map<String, Object> cohort(int n) {
    List<RowCondition> without =
        n == 30 ? List.of() : List.of(new RowCondition("method=GPTQ & bits=2"));
    List<Correlation> raw = mmlu(MEAN, "mmlu", without).pooled();
    Correlation ln = mmlu("ln(" + MEAN + ")", "mmlu", without).pooled().getFirst();
    assertEquals(ln.n(), n);
    return Map.of(
        "pearson_r_raw", raw.get(0).value(),
        "pearson_r_ln", ln.value(),
        "spearman_rho", raw.get(1).value(),
        "kendall_tau_b", raw.get(2).value());
  }

  private static ColumnCorrelation mmlu(String x, String y, List<RowCondition> without) {
    return ColumnCorrelation.of(
            TABLE,
            new ColumnCorrelation.Question(x, List.of(y), List.of(), List.of(), without, 0.95))
        .getFirst();
  }

  private static ChangePrediction changes() {
    return mmlu(
            "change(ln(" + MEAN + "))",
            "change(mmlu)",
            List.of(new RowCondition("method=BF16"), new RowCondition("method=GPTQ & bits=2")))
        .prediction()
        .orElseThrow();
  }

  private static Map<String, Object> transfers() {
    Map<String, Object> out = new LinkedHashMap<>();
    changes()
        .perGroup()
        .forEach((model, one) ->
            out.put(
                model,
                Map.of(
                    "slope", one.slope(),
                    "mae", one.meanAbsoluteError(),
                    "null_mae", one.nullMeanAbsoluteError(),
                    "n_test", one.n())));
    return out;
  }

  private static Map<String, Object> curve() {
    List<Object> points = new ArrayList<>();
    for (ProxyThreshold one : changes().thresholds()) {
      points.add(
          Map.of(
              "threshold", one.threshold(),
              "n", one.n(),
              "share_degraded", one.shareDegraded()));
    }
    return Map.of(
        "curve", points, "smallest_threshold_with_90_percent", changes().enough().orElseThrow());
  }

  /** The published average accuracy against the mean of its five tasks. */
  private static Map<String, Object> averages() {
    double[] printed = TABLE.numbers("avg_acc");
    double[] bits = TABLE.numbers("bits");
    double[] percent = TABLE.numbers("mean(mmlu, ceval)");
    double[] shares = TABLE.numbers("mean(gsm8k, snli, tqa_mc1)");
    List<Object> rows = new ArrayList<>();
    double largest = 0;
    for (int i = 0; i < printed.length; i++) {
      double recomputed = (2 * percent[i] + 300 * shares[i]) / 5;
      largest = Math.max(largest, Math.abs(recomputed - printed[i]));
      rows.add(
          Map.of(
              "model",
              TABLE.labels("model").get(i),
              "method",
              TABLE.labels("method").get(i),
              "bits",
              (int) bits[i],
              "published",
              printed[i],
              "recomputed",
              recomputed));
    }
    return Map.of("rows", rows, "largest_gap", largest);
  }

  static Map<String, Object> prediction(JsonObject in) {
    Pairs pairs = new Pairs(GoldenFunctions.doubles(in, "x"), GoldenFunctions.doubles(in, "y"));
    LeaveOneGroupOut result = LeaveOneGroupOut.of(pairs, GoldenFunctions.strings(in, "group"));
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("linear", skill(result.linear()));
    out.put("through_origin", skill(result.throughOrigin()));
    out.put("null_zero", skill(result.noChange()));
    out.put("through_origin_slopes", result.slopes());
    out.put("predictions_linear", result.linear().values());
    out.put("within_group_rank_accuracy", result.rankAccuracy());
    out.put("conformal_90_half_width", result.linear().conformalHalfWidth(0.9));
    return out;
  }

  private static Map<String, Object> skill(LeaveOneGroupOut.Prediction prediction) {
    return Map.of(
        "mae", prediction.meanAbsoluteError(),
        "rmse", prediction.rootMeanSquareError(),
        "q2_vs_zero", prediction.skillOverZero(),
        "q2_vs_mean", prediction.skillOverMean());
  }
}
